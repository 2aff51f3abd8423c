async ({ at, test, same, wait, until, memory }) => {
  const { Outbox } = await at("outbox");
  const { Refused, Unreachable } = await at("rest");

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
  test("lanes are what the program says, and one that is stuck holds up no other", async () => {
    const { outbox, posted } = box({
      socket: Object.assign(new Wire(), { isLive: false }),
      laneOf: ({ name, data }) => (name === "say" ? `said on ${data.id}` : data.id),
      post: ({ name }) => (name === "say" ? new Promise(() => undefined) : { by: "rest" }),
    });
    outbox.send("say", { id: 1, text: "a" }, "k1");
    outbox.send("say", { id: 1, text: "b" }, "k2");
    same(await outbox.send("take", { id: 1 }, "k3"), { by: "rest" });
    same(posted.map(({ key }) => key), ["k1", "k3"]);
  });
}
