// What the unit tests of the client library's parts are written with. They run inside a page of the server (see
// test_client_library.py): the same engine, the same files, no further tool. Each test says in its name what holds.
async (/** @type {((tools: any) => Promise<void>)[]} */ parts) => {
  const at = (name) => import(`/static/console/${name}.js`);
  const tests = [];
  const test = (name, body) => tests.push([name, body]);
  const same = (found, wanted, what = "") => {
    const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (left !== right) throw new Error(`${what} found ${left}, wanted ${right}`);
  };
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const until = async (condition, ms = 4000) => {
    const end = Date.now() + ms;
    while (!condition()) {
      if (Date.now() > end) throw new Error(`never: ${condition}`);
      await wait(5);
    }
  };
  const memory = (content = {}) => {
    const kept = new Map(Object.entries(content));
    return {
      get length() { return kept.size; },
      key: (index) => [...kept.keys()][index] ?? null,
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
      kept,
    };
  };

  for (const part of parts) await part({ at, test, same, wait, until, memory });
  return Promise.all(
    tests.map(async ([name, body]) => {
      try {
        await body();
        return [name, null];
      } catch (error) {
        return [name, String(error?.stack ?? error)];
      }
    }),
  );
}
