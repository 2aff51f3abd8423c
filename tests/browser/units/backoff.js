async ({ at, test, same }) => {
  const { Backoff, comesBack } = await at("backoff");

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
}
