async ({ at, test, same, wait }) => {
  const { Receipts, SeenTracker } = await at("receipts");

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
}
