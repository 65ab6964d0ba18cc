import { expect, it } from "vitest";
import { startedCommand, until } from "../../lib/own/started-command";

it("a command started on its own gives its exit code, or the signal that ended it", async () => {
  expect(await startedCommand("tables", "--help").ended).toBe(0);
  expect(await startedCommand("no-such-command").ended).not.toBe(0);
  const killed = startedCommand("tables");
  killed.kill();
  expect(await killed.ended).toBe("SIGKILL");
});

it("waiting ends as soon as something holds, and does something meanwhile", async () => {
  let count = 0;
  await until(
    () => count === 3,
    async () => void count++,
  );
  expect(count).toBe(3);
  await until(() => true);
});
