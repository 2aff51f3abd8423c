// Unit tests of the client library's parts. They run inside a page of the server (see test_client_library.py): the same
// engine, the same files, no further tool. Each test says in its name what holds.
async () => {
  const at = (/** @type {string} */ name) => import(`/static/console/${name}.js`);
  const [{ Backoff, comesBack }, { Positions, RecentIds }, { Receipts, SeenTracker }, { Outbox }, { Connection }, { Refused, Unreachable }, { describe }] =
    await Promise.all(["backoff", "positions", "receipts", "outbox", "connection", "rest", "status"].map(at));
  const { Alerts } = await at("alerts");
  const { refresh, resource } = await at("commands");
  const { wayTo } = await at("geo");
  const words = await at("words");

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

  // --- backoff ---------------------------------------------------------------------------------------------------------

  test("backoff doubles up to its limit and starts again after a reset", () => {
    const backoff = new Backoff({ firstMs: 100, mostMs: 1000, random: () => 1 });
    same([1, 2, 3, 4, 5, 6].map(() => backoff.next()), [100, 200, 400, 800, 1000, 1000]);
    backoff.reset();
    same(backoff.next(), 100);
  });
  test("backoff waits between half of the ceiling and all of it", () => {
    same(new Backoff({ firstMs: 100, random: () => 0 }).next(), 50);
  });
  test("close codes from 4500 on do not come back", () => {
    same([1000, 1006, 4000, 4008, 4499, 4500, 4501, 4504, 4999].map(comesBack), [true, true, true, true, true, false, false, false, false]);
  });

  // --- positions -------------------------------------------------------------------------------------------------------

  test("the next offset is taken, an old one is dropped, a jump is a gap and takes nothing", () => {
    const positions = new Positions();
    positions.welcome({ a: { head: 7, epoch: "e", recovered: false } });
    same([positions.take("a", 8), positions.take("a", 8), positions.take("a", 3), positions.take("a", 10)], ["next", "old", "old", "gap"]);
    same(positions.toFrame(), { a: { offset: 8, epoch: "e" } });
  });
  test("a recovered topic keeps its position, an unrecovered one takes the head and asks for a snapshot", () => {
    const positions = new Positions();
    positions.welcome({ a: { head: 5, epoch: "e", recovered: false }, b: { head: 5, epoch: "e", recovered: false } });
    const lost = positions.welcome({ a: { head: 9, epoch: "e", recovered: true }, b: { head: 9, epoch: "f", recovered: false } });
    same(lost, ["b"]);
    same(positions.offsets(), { a: 5, b: 9 });
  });
  test("a first welcome loses nothing", () => same(new Positions().welcome({ a: { head: 5, epoch: "e", recovered: false } }), []));
  test("a topic that is no longer offered is forgotten", () => {
    const positions = new Positions();
    positions.welcome({ a: { head: 1, epoch: "e", recovered: false }, b: { head: 1, epoch: "e", recovered: false } });
    positions.welcome({ a: { head: 1, epoch: "e", recovered: true } });
    same(Object.keys(positions.toFrame()), ["a"]);
  });
  test("heads of a heartbeat show where we lag, unknown topics aside", () => {
    const positions = new Positions();
    positions.welcome({ a: { head: 1, epoch: "e", recovered: false }, b: { head: 4, epoch: "e", recovered: false } });
    same(positions.behind({ a: 2, b: 4, c: 9 }), ["a"]);
  });
  test("positions survive a reload and a broken store", () => {
    const storage = memory();
    const before = new Positions({ storage, key: "k" });
    before.welcome({ a: { head: 3, epoch: "e", recovered: false } });
    before.flush();
    same(new Positions({ storage, key: "k" }).toFrame(), { a: { offset: 3, epoch: "e" } });
    same(new Positions({ storage: memory({ k: "{not json" }), key: "k" }).isEmpty, true);
  });
  test("an id is new once, and the memory for ids is bounded", () => {
    const ids = new RecentIds(2);
    same([ids.add("a"), ids.add("a"), ids.add("b"), ids.add("c"), ids.add("a")], [true, false, true, true, true]);
  });

  // --- receipts --------------------------------------------------------------------------------------------------------

  test("receipts of a moment become one, the highest", async () => {
    const sent = [];
    const receipts = new Receipts({ send: (frame) => sent.push(frame), delayMs: 5 });
    for (const offset of [1, 3, 2]) receipts.note("received", "a", offset);
    receipts.note("received", "b", 9);
    await wait(20);
    receipts.note("received", "a", 2);
    await wait(20);
    same(sent, [{ type: "received", topics: { a: 3, b: 9 } }]);
  });
  test("a receipt that could not go out waits, and all of it is said again on a new connection", () => {
    const sent = [];
    let isUp = false;
    const receipts = new Receipts({ send: (frame) => isUp && sent.push(frame) > 0 });
    receipts.note("seen", "a", 4);
    receipts.flush();
    isUp = true;
    receipts.repeat();
    receipts.repeat();
    same(sent, [{ type: "seen", topics: { a: 4 } }, { type: "seen", topics: { a: 4 } }]);
  });
  test("seen does not run ahead of what nobody has looked at", () => {
    const said = [];
    const tracker = new SeenTracker((topic, offset) => said.push(offset));
    tracker.arrived("a", 1, "first");
    tracker.arrived("a", 2, "second");
    tracker.look((id) => id === "second");
    tracker.look(() => true);
    tracker.arrived("a", 3, null);
    same(said, [0, 2, 3]);
  });

  // --- outbox ----------------------------------------------------------------------------------------------------------

  class Wire {
    isLive = true;
    sent = [];
    listeners = {};
    count = 0;
    nextRef() { return String((this.count += 1)); }
    on(name, listener) { (this.listeners[name] ??= []).push(listener); }
    emit(name, ...args) { for (const listener of this.listeners[name] ?? []) listener(...args); }
    send(frame) {
      this.sent.push(frame);
      this.answer?.(frame);
      return true;
    }
  }
  const box = (options = {}) => {
    const socket = options.socket ?? new Wire();
    const posted = [];
    const post = async (entry) => {
      posted.push(entry);
      return options.post ? options.post(entry, posted.length) : { by: "rest" };
    };
    const storage = options.storage ?? memory();
    return { outbox: new Outbox({ ...options, socket, post, storage, prefix: "o.", random: () => 0 }), socket, posted, storage };
  };

  test("a command goes over the live socket and its reply resolves it", async () => {
    const { outbox, socket, posted, storage } = box();
    socket.answer = ({ ref }) => setTimeout(() => socket.emit("reply", { type: "reply", ref, data: { by: "socket" } }), 1);
    same(await outbox.send("x", { id: 1 }, "key"), { by: "socket" });
    same([posted.length, storage.length, socket.sent[0].key], [0, 0, "key"]);
  });
  test("with no socket within a second it goes by REST, with the same key", async () => {
    const { outbox, socket, posted } = box();
    socket.isLive = false;
    const start = Date.now();
    same(await outbox.send("x", {}, "key"), { by: "rest" });
    same([posted[0].key, Date.now() - start >= 900, socket.sent.length], ["key", true, 0]);
  });
  test("a socket that comes up within the second is used", async () => {
    const { outbox, socket, posted } = box();
    socket.isLive = false;
    socket.answer = ({ ref }) => setTimeout(() => socket.emit("reply", { type: "reply", ref, data: 1 }), 1);
    const answer = outbox.send("x", {}, "key");
    await wait(30);
    socket.isLive = true;
    socket.emit("welcome", {});
    same([await answer, posted.length], [1, 0]);
  });
  test("a reply that died with the connection is asked for by REST", async () => {
    const { outbox, socket, posted } = box();
    socket.answer = () => setTimeout(() => socket.emit("lost"), 5);
    same(await outbox.send("x", {}, "key"), { by: "rest" });
    same([posted.length, socket.sent.length], [1, 1]);
  });
  test("a refusal rejects the command and is not tried again", async () => {
    const { outbox, socket, posted, storage } = box();
    socket.answer = ({ ref }) => setTimeout(() => socket.emit("error", { type: "error", ref, code: "alert_over", message: "Over.", temporary: false }), 1);
    const error = await outbox.send("x", {}, "key").catch((reason) => reason);
    same([error.code, error.message, posted.length, storage.length], ["alert_over", "Over.", 0, 0]);
  });
  test("a refusal names the members that caused it, by the socket as by REST", async () => {
    const { outbox, socket } = box();
    const errors = [{ field: "category", message: "No." }];
    socket.answer = ({ ref }) => setTimeout(() => socket.emit("error", { type: "error", ref, code: "malformed", message: "No.", temporary: false, errors }), 1);
    const error = await outbox.send("x", {}, "key").catch((reason) => reason);
    same(error.fields, errors);
  });
  test("a server that asks for patience gets it", async () => {
    const { outbox, socket, posted } = box({ post: (_, count) => count < 2 ? Promise.reject(new Refused(503, {}, 2)) : { by: "rest" } });
    socket.isLive = false;
    const start = Date.now();
    same(await outbox.send("x", {}, "key"), { by: "rest" });
    same([posted.length, Date.now() - start >= 2900], [2, true]);
  });
  test("without any network it is kept, and goes out when something nudges", async () => {
    const { outbox, socket, posted, storage } = box({ post: (_, count) => count < 3 ? Promise.reject(new Unreachable("down")) : { by: "rest" } });
    socket.isLive = false;
    const answer = outbox.send("x", { id: "a" }, "key");
    await until(() => posted.length === 1);
    same([outbox.waiting.length, storage.length], [1, 1]);
    await wait(10);
    outbox.nudge();
    await until(() => posted.length === 2);
    await wait(10);
    outbox.nudge();
    same([await answer, storage.length], [{ by: "rest" }, 0]);
  });
  test("signed out is no refusal: the command stays", async () => {
    const { outbox, socket, posted, storage } = box({ post: () => Promise.reject(new Refused(401, {})) });
    socket.isLive = false;
    outbox.send("x", {}, "key").catch(() => undefined);
    await until(() => posted.length === 1);
    await wait(20);
    same([outbox.waiting.length, storage.length], [1, 1]);
  });
  test("commands about one subject go in order, another subject does not wait for them", async () => {
    const order = [];
    const { outbox, socket } = box({ post: async ({ key }) => { order.push(key); await wait(key === "a1" ? 60 : 5); return key; } });
    socket.isLive = false;
    await Promise.all([outbox.send("x", { id: "a" }, "a1"), outbox.send("y", { id: "a" }, "a2"), outbox.send("x", { id: "b" }, "b1")]);
    same([order.indexOf("a1") < order.indexOf("a2"), order.indexOf("b1") < order.indexOf("a2")], [true, true]);
  });
  test("taking back says whether the command ever left", async () => {
    const { outbox, socket, posted, storage } = box({ post: () => Promise.reject(new Unreachable("down")) });
    socket.isLive = false;
    outbox.send("x", { id: 1 }, "early").catch(() => undefined);
    same(outbox.withdraw("early"), true);
    outbox.send("x", { id: 2 }, "late").catch(() => undefined);
    await until(() => posted.length === 1);
    same([outbox.withdraw("late"), outbox.withdraw("late"), outbox.waiting.length, storage.length], [false, false, 0, 0]);
  });
  test("what an earlier page could not send goes out, and what is old waits for a decision", async () => {
    const entry = (key, age) => JSON.stringify({ key, name: "x", data: { id: key }, at: Date.now() - age, tries: 2, isSent: true });
    const storage = memory({ "o.new": entry("new", 1000), "o.old": entry("old", 3600_000), "other": "{}", "o.bad": "{" });
    const { outbox, socket, posted } = box({ storage });
    socket.isLive = false;
    const stale = [];
    outbox.on("stale", (entries) => stale.push(...entries));
    outbox.restore();
    await until(() => posted.length === 1);
    same([posted[0].key, stale.map(({ key }) => key)], ["new", ["old"]]);
    outbox.decide(stale[0], true);
    await until(() => posted.length === 2);
    await until(() => storage.length === 1);
    same([posted[1].key, [...storage.kept.keys()]], ["old", ["other"]]);
  });

  // --- connection ------------------------------------------------------------------------------------------------------

  class FakeSocket {
    sent = [];
    send(text) { this.sent.push(JSON.parse(text)); }
    close(code) { this.closedWith = code; }
    say(frame) { this.onmessage?.({ data: JSON.stringify(frame) }); }
    drop(code) { this.onclose?.({ code }); }
  }
  const line = (options = {}) => {
    const sockets = [];
    const tokens = [];
    const connection = new Connection({
      url: "ws://x/", device: "d", positions: new Positions(), random: () => 0,
      makeSocket: () => { sockets.push(new FakeSocket()); return sockets.at(-1); },
      getToken: async () => { tokens.push(1); if (options.refuse) throw new Refused(options.refuse, {}); return `token-${tokens.length}`; },
    });
    const heard = [];
    connection.on("event", (frame, { isReplay }) => heard.push([frame.offset, isReplay]));
    connection.start();
    return { connection, sockets, tokens, heard };
  };
  const welcome = (topics = { a: { head: 5, epoch: "e", recovered: false } }, more = {}) =>
    ({ type: "welcome", ref: "1", session: "s", resume_token: "resume", heartbeat_s: 60, topics, open_alerts: [], ...more });
  const event = (offset, id = `id-${offset}`) => ({ type: "event", topic: "a", offset, id, event: "x", at: "", actor: {}, data: {} });
  const live = async (options) => {
    const made = line(options);
    await until(() => made.sockets.length === 1);
    made.sockets[0].onopen();
    made.sockets[0].say(welcome());
    return made;
  };

  test("the first frame carries the token and the device, and the state becomes live with the welcome", async () => {
    const { connection, sockets } = await live();
    const { type, token, device, topics } = sockets[0].sent[0];
    same([type, token, device, topics, connection.state], ["connect", "token-1", "d", undefined, "live"]);
    connection.stop();
  });
  test("events are handed on once each, in order, and receipted together", async () => {
    const { connection, sockets, heard } = await live();
    for (const frame of [event(6), event(6), event(7), event(8, "id-7")]) sockets[0].say(frame);
    await wait(80);
    same(heard, [[6, false], [7, false]]);
    same(sockets[0].sent.filter(({ type }) => type === "received").at(-1), { type: "received", topics: { a: 8 } });
    connection.stop();
  });
  test("a gap makes it come back with the last position that was whole, by the resume token", async () => {
    const { connection, sockets, tokens, heard } = await live();
    sockets[0].say(event(6));
    sockets[0].say(event(9));
    same([connection.state, heard.length], ["waiting", 1]);
    await until(() => sockets.length === 2);
    sockets[1].onopen();
    const { resume_token, token, topics } = sockets[1].sent[0];
    same([resume_token, token, topics, tokens.length], ["resume", undefined, { a: { offset: 6, epoch: "e" } }, 1]);
    connection.stop();
  });
  test("what is replayed is marked, what follows is not, and catching up is told", async () => {
    const { connection, sockets, heard } = await live();
    let caughtUp = null;
    connection.on("caught-up", (count) => (caughtUp = count));
    sockets[0].drop(4000);
    await until(() => sockets.length === 2);
    sockets[1].onopen();
    sockets[1].say(welcome({ a: { head: 7, epoch: "e", recovered: true } }));
    for (const offset of [6, 7, 8]) sockets[1].say(event(offset));
    same([heard, caughtUp], [[[6, true], [7, true], [8, false]], 2]);
    connection.stop();
  });
  test("a history that cannot be replayed asks for a snapshot, with the position taken before", async () => {
    const { connection, sockets } = await live();
    const asked = [];
    connection.on("snapshot", (topics) => asked.push(topics, connection.positions.offset("a")));
    sockets[0].drop(1006);
    await until(() => sockets.length === 2);
    sockets[1].onopen();
    sockets[1].say(welcome({ a: { head: 70, epoch: "other", recovered: false } }));
    same(asked, [["a"], 70]);
    connection.stop();
  });
  test("a topic that is joined on the way begins with a snapshot, and the new resume token counts", async () => {
    const { connection, sockets, heard } = await live();
    const asked = [];
    connection.on("snapshot", (topics) => asked.push(...topics));
    sockets[0].say({ type: "subscriptions", joined: { g: { head: 40, epoch: "g", recovered: false } }, left: ["a"], resume_token: "another" });
    sockets[0].say({ ...event(41), topic: "g" });
    sockets[0].drop(4000);
    await until(() => sockets.length === 2);
    sockets[1].onopen();
    const { resume_token, topics } = sockets[1].sent[0];
    same([asked, heard, resume_token, topics], [["g"], [[41, false]], "another", { g: { offset: 41, epoch: "g" } }]);
    connection.stop();
  });
  test("a heartbeat is answered, and a head that stays ahead of us brings it back", async () => {
    const { connection, sockets } = await live();
    sockets[0].say({ type: "heartbeat", heads: { a: 5 } });
    same(sockets[0].sent.at(-1).type, "ping");
    sockets[0].say({ type: "heartbeat", heads: { a: 6 } });
    same(connection.state, "live", "frames may be on their way");
    await until(() => connection.state !== "live");
    await until(() => sockets.length === 2);
    connection.stop();
  });
  test("heartbeats that come fast do not put off the judgement", async () => {
    const { connection, sockets } = await live();
    const beating = setInterval(() => sockets[0].say({ type: "heartbeat", heads: { a: 6 } }), 200);
    await until(() => connection.state !== "live");
    clearInterval(beating);
    connection.stop();
  });
  test("a frame that arrives in time is no gap", async () => {
    const { connection, sockets } = await live();
    sockets[0].say({ type: "heartbeat", heads: { a: 6 } });
    sockets[0].say(event(6));
    await wait(1700);
    same([connection.state, sockets.length], ["live", 1]);
    connection.stop();
  });
  test("an expired resume token is exchanged for a new token, without waiting", async () => {
    const { connection, sockets, tokens } = await live();
    sockets[0].drop(1006);
    await until(() => sockets.length === 2);
    sockets[1].drop(4501);
    await until(() => sockets.length === 3);
    sockets[2].onopen();
    same([sockets[2].sent[0].token, tokens.length], ["token-2", 2]);
    connection.stop();
  });
  test("a fresh token is tried twice, and then the person is signed out", async () => {
    const { connection, sockets } = line();
    await until(() => sockets.length === 1);
    sockets[0].drop(4501);
    await until(() => sockets.length === 2);
    sockets[1].drop(4501);
    await wait(20);
    same([connection.state, sockets.length], ["signed_out", 2]);
    connection.stop();
  });
  test("no session means signed out, no membership means access ended, and neither is tried again", async () => {
    for (const [status, state] of [[401, "signed_out"], [404, "revoked"]]) {
      const { connection, sockets } = line({ refuse: status });
      await wait(20);
      same([connection.state, sockets.length], [state, 0]);
      connection.stop();
    }
  });
  test("revoked and bad frame end it for good", async () => {
    for (const [code, state] of [[4503, "revoked"], [4504, "stopped"]]) {
      const { connection, sockets } = await live();
      sockets[0].drop(code);
      await wait(700);
      same([connection.state, sockets.length], [state, 1]);
      connection.stop();
    }
  });
  test("waking asks whether the server is there, and does not wait for a socket that stays silent", async () => {
    const { connection, sockets } = await live();
    connection.wake();
    same(sockets[0].sent.at(-1).type, "ping");
    await until(() => connection.state !== "live", 4000);
    same(sockets[0].closedWith, 4009);
    connection.stop();
  });
  test("waking while waiting tries at once", async () => {
    const { connection, sockets } = await live();
    sockets[0].drop(1006);
    same(sockets.length, 1);
    connection.wake();
    await until(() => sockets.length === 2, 200);
    connection.stop();
  });
  test("receipts are said again on the new connection", async () => {
    const { connection, sockets } = await live();
    sockets[0].say(event(6));
    sockets[0].drop(1006);
    await until(() => sockets.length === 2);
    sockets[1].onopen();
    sockets[1].say(welcome({ a: { head: 6, epoch: "e", recovered: true } }));
    same(sockets[1].sent.filter(({ type }) => type === "received"), [{ type: "received", topics: { a: 6 } }]);
    connection.stop();
  });

  test("who is here is the whole, then what changed, and nobody knows it after a break", async () => {
    const { connection, sockets } = await live();
    const told = [];
    connection.on("presence", (people) => told.push(people && [...people].map(([id, { metas }]) => [id, ...metas.map(({ device }) => device)].join(" "))));
    const person = (...devices) => ({ name: "Gate", metas: devices.map((device) => ({ device, since: "2026-01-01T10:00:00Z", post: null })) });
    sockets[0].say({ type: "presence_diff", joins: { x: person("early") }, leaves: {}, unlisted: 0 });
    sockets[0].say({ type: "presence_state", present: { a: person("1", "2") }, unlisted: 0 });
    sockets[0].say({ type: "presence_diff", joins: { a: person("2"), b: person("3") }, leaves: { a: person("1", "2") }, unlisted: 0 });
    sockets[0].say({ type: "presence_diff", joins: {}, leaves: { a: person("2") }, unlisted: 0 });
    sockets[0].drop(1006);
    same(told, [["a 1 2"], ["a 2", "b 3"], ["b 3"], null]);
    connection.stop();
  });

  // --- words -----------------------------------------------------------------------------------------------------------

  test("the connection is said in words and age", () => {
    const now = 1_000_000;
    const say = (state, more) =>
      describe({ state, heardAt: now, lostAt: null, startedAt: now, isOnline: true, heartbeatMs: 10_000, ...more }, now, () => "14:01").words;
    same(
      [
        say("live", { heardAt: now - 200 }), say("live", { heardAt: now - 16_000 }), say("waiting", { heardAt: now - 14_000 }),
        say("waiting", { heardAt: now - 90_000 }), say("waiting", { isOnline: false }), say("connecting", { heardAt: null }), say("revoked", {}),
      ],
      ["live 0.2 s", "last heard 16 s ago, checking", "last seen 14 s ago, trying", "offline since 14:01", "offline since 14:01", "connecting", "access ended"],
    );
  });
  test("the way to an alert is said in metres and a direction", () => {
    same(
      [wayTo({ lat: 6.44, lon: 3.47 }, { lat: 6.4427, lon: 3.4727 }), wayTo({ lat: 6.44, lon: 3.47 }, { lat: 6.4, lon: 3.47 }), wayTo({ lat: 1, lon: 1 }, { lat: 1, lon: 1 })],
      ["420 m north-east", "4.4 km south", "here"],
    );
  });
  const alert = (more = {}) => ({
    id: "a", number: 1, version: 1, category: "fire", categories: ["fire"], state: "active", raised_at: "2026-01-01T10:00:00Z",
    unit: { name: "B-14" }, raised_by: { member_id: "m", name: "Ada Obi" }, on_behalf_of: null, responders: [], is_drill: false, outcome: null,
    proof: { tablets_intended: 4, tablets_received: 3, sms_intended: 2, sms_sent: 2, sms_delivered: 1, sms_failed: 0 },
    next_step: { channel: "sms", audience: ["guards", "security_heads"], due_at: "2026-01-01T10:00:18Z" }, ...more,
  });
  test("the proof line says who has it, who was texted, and what comes next", () => {
    const said = words.proof(alert(), Date.parse("2026-01-01T10:00:00Z")).map(({ text }) => text).join(" · ");
    same(said, "Received 3/4 tablets · SMS to 2 (1 delivered, 1 sent) · next: SMS to all guards, security head in 18 s");
  });
  test("ages count up in minutes and hours", () => same([0, 42_000, 3_727_000].map(words.stopwatch), ["00:00", "00:42", "1:02:07"]));
  test("the newest version of an alert wins, whatever the order of arrival", () => {
    const alerts = new Alerts();
    same([alerts.put(alert({ version: 2 })), alerts.put(alert({ version: 1 })), alerts.put(alert({ version: 3, state: "closed" }))], [true, false, true]);
    same([alerts.open.length, alerts.over.length], [0, 1]);
  });
  test("open alerts stand with the unanswered first, then by severity, then by age", () => {
    const alerts = new Alerts();
    alerts.put(alert({ id: "old", category: "other", raised_at: "2026-01-01T09:00:00Z" }));
    alerts.put(alert({ id: "taken", state: "acknowledged" }));
    alerts.put(alert({ id: "fire2", raised_at: "2026-01-01T10:05:00Z" }));
    alerts.put(alert({ id: "fire1" }));
    same(alerts.open.map(({ id }) => id), ["fire1", "fire2", "old", "taken"]);
  });
  test("a raise that waited carries what is left of its countdown", () => {
    const entry = (age) => ({ name: "emergency.alert.raise", data: { id: "a", countdown_s: 5 }, at: Date.now() - age });
    same([refresh(entry(0)).countdown_s, refresh(entry(3000)).countdown_s, "countdown_s" in refresh(entry(9000))], [5, 2, false]);
  });
  test("every command has its twin in REST", () => {
    same(resource("emergency.alert.raise", { id: "a", category: "fire" }), { path: "alerts/", body: { id: "a", category: "fire" } });
    same(resource("emergency.alert.on_scene", { id: "a" }), { path: "alerts/a/on-scene/", body: {} });
    same(resource("emergency.alert.request_cancel", { id: "a" }), { path: "alerts/a/cancel-request/", body: {} });
    same(resource("something.else", {}), null);
  });

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
