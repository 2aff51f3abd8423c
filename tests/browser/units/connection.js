async ({ at, test, same, wait, until }) => {
  const { Positions } = await at("positions");
  const { Connection } = await at("connection");
  const { Refused } = await at("rest");

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
}
