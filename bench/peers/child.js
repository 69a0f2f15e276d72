// What every peer's process has in common: it is told what to do by the process that forked it, like our own server.
const msOf = ({ user, system }) => (user + system) / 1_000;

/** What it mailed, newest for each address: by the callback that it takes instead of a mail server. */
export const mails = new Map();
export const keepMail = (to, text) => void mails.set(to, text);

export const addressOf = (at) => `person${at}@mail.example`;
export const oldPassword = 'an old and quiet lamp';
/** As ours: a connection outlives the turns of the others. */
export const keepAliveMs = 65_000;

/** Counts calls of a method from now on. */
export function countCalls(object, name, count = { calls: 0 }) {
  const original = object[name];
  object[name] = function (...args) {
    count.calls += 1;
    return original.apply(this, args);
  };
  return count;
}

/** `people`: makes so many accounts; `statements`: the SQL statements until now, without those that made them. */
export function obey({ people, statements }) {
  let before;
  const work = {
    cpu: async () => ({ all: msOf(process.cpuUsage()), main: msOf(process.threadCpuUsage()) }),
    people: async (count) => {
      await people(count);
      before = statements();
    },
    mails: async () => Object.fromEntries(mails),
    // None where it has no SQL.
    statements: async () => (before === undefined ? undefined : statements() - before),
    stop: async () => setImmediate(() => process.exit(0)),
  };
  process.on('message', ([name, times]) => {
    work[name](times).then(
      (answer) => process.send([name, answer ?? null]),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  // Whoever forked it has gone, however it ended.
  process.once('disconnect', () => process.exit(1));
  process.send(['ready', 0]);
}
