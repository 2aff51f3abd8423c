async ({ at, test, same, until }) => {
  const { Messages, followMessages } = await at("messages");
  const { Emitter } = await at("emitter");
  const mark = (id) => ({ member_id: id, name: id, at: "2026-01-01T10:00:00Z" });
  const message = (id, minute, read_by = []) => ({
    id, alert_id: "a", author: { member_id: "ada", name: "Ada" }, text: id, at: `2026-01-01T10:0${minute}:00Z`, read_by,
  });
  const feedOf = (pages) => {
    const feed = new Emitter();
    feed.asked = [];
    feed.rest = { call: async (_, path) => (feed.asked.push(path), pages[feed.asked.length - 1] ?? Promise.reject(new Error("no"))) };
    feed.typing = { stopped: (...who) => (feed.stopped = who.join(" ")) };
    return feed;
  };

  test("messages stand in the order in which they were said, each once", async () => {
    const messages = new Messages();
    for (const one of [message("2", 2), message("1", 1), message("2", 2)]) messages.put(one);
    same(messages.of("a").map(({ id }) => id), ["1", "2"]);
    same(messages.of("b"), []);
  });
  test("nobody un-reads: marks of a reply, an event and a snapshot are joined in any order", async () => {
    const messages = new Messages();
    messages.read("a", [{ message_id: "1", by: { member_id: "x", name: "x" }, at: mark("x").at }]);
    messages.put(message("1", 1, [mark("gate")]));
    messages.read("a", [{ message_id: "1", by: { member_id: "sule", name: "sule" }, at: mark("sule").at }]);
    messages.read("a", [{ message_id: "1", by: { member_id: "sule", name: "sule" }, at: mark("sule").at }]);
    messages.put(message("1", 1));
    same(messages.of("a")[0].read_by.map(({ member_id }) => member_id), ["gate", "x", "sule"]);
  });
  test("what was said before is read page by page, once, and again after a snapshot", async () => {
    const messages = new Messages();
    const feed = feedOf([
      { results: [message("1", 1)], next: "http://x/api?cursor=c&page_size=100" },
      { results: [message("2", 2)], next: null },
      { results: [message("3", 3)], next: null },
    ]);
    const load = followMessages(feed, messages);
    load("a");
    load("a");
    await until(() => messages.of("a").length === 2);
    feed.emit("snapshot", ["t"]);
    await until(() => messages.of("a").length === 3);
    same(feed.asked, ["alerts/a/messages/?page_size=100", "alerts/a/messages/?cursor=c&page_size=100", "alerts/a/messages/?page_size=100"]);
  });
  test("events bring words and marks, and who has spoken does not write any more", async () => {
    const messages = new Messages();
    const feed = feedOf([]);
    followMessages(feed, messages);
    feed.emit("event", { event: "emergency.message.posted", data: { message: message("1", 1) } });
    feed.emit("event", { event: "emergency.message.read", data: { alert_id: "a", reads: [{ message_id: "1", by: { member_id: "gate", name: "Gate" }, at: "x" }] } });
    same([feed.stopped, messages.of("a")[0].read_by[0].name], ["alert a ada", "Gate"]);
  });
}
