async ({ at, test, same, memory }) => {
  const { Positions, RecentIds } = await at("positions");

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
}
