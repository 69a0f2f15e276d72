// The layer rule as a pure function: a folder imports only from folders to its left, never a neighbour on the same
// step, and no file takes part in a cycle. check-imports.ts runs it over the real tree.

/** From left to right; what shares a step are neighbours. A name is a folder of src/, or a file of src/ without `.ts`. */
export const layers: readonly (readonly string[])[] = [
  ['base'],
  ['config', 'refusals'],
  ['database', 'i18n'],
  ['limits', 'audit', 'mail'],
  ['accounts', 'sessions', 'human-check'],
  ['proofs'],
  ['password-changes', 'agents'],
  ['recovery', 'sign-in', 'own-account', 'support'],
  ['releases'],
  ['desk'],
  ['retention'],
  ['http'],
  ['mails'],
  ['app'],
  ['index'],
  ['cli'],
];

const steps = new Map(layers.flatMap((names, step) => names.map((name) => [name, step] as const)));

/** `testing` ships for adopters' tests and may import all; of the product only the CLI may use it (for the demo). */
const importsAll = 'testing';
/** What runs elsewhere, and so carries nothing of the server: only types may come from it. The pages use the client's code. */
const standAlone: readonly (string | undefined)[] = ['browser', 'client'];

/** The attacks come with the CLI and know a target as anybody does: they run what a client or a test has, and no part of the server. */
const ofAttacks = ['base', 'client', 'testing'];
/** A target of one's own, which is no part of the package. */
const ownTarget = ['attack/own-target.ts', 'attack/run.ts'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

/**
 * One sentence a fault; none where the rule holds. `files`: path from the project's root with `/`, and its text.
 * Unit tests beside the source may import everything, and nothing may import them.
 */
export function findImportFaults(files: ReadonlyMap<string, string>): string[] {
  const imports = [...files].flatMap(([from, text]) => relativeImports(from, text));
  return [
    ...imports.filter(({ to }) => !files.has(to)).map(({ from, to }) => `${from} imports ${to}, which does not exist`),
    ...imports.filter(({ from }) => !isTest(from)).flatMap((each) => layerFault(each) ?? []),
    ...cycles(imports).map((path) => `a cycle: ${path.join(' -> ')}`),
  ];
}

const isTest = (path: string) => path.endsWith('.test.ts');

function layerFault({ from, to, isType }: Import): string | undefined {
  const [source, target] = [layerOf(from), layerOf(to)];
  if (isTest(to)) return `${from} imports the test ${to}`;
  if (from.startsWith('attack/') && !ownTarget.includes(from) && target !== undefined && !isType) {
    return ofAttacks.includes(target) ? undefined : `${from} imports ${to}: attack/ knows a target from outside`;
  }
  if (source === undefined || source === importsAll) return undefined;
  if (target === undefined) {
    return source === 'cli' ? undefined : `${from} imports ${to}: src/ does not depend on what lies outside it`;
  }
  if (source === target) return undefined;
  if (standAlone.includes(source)) {
    const isFree = source === 'client' ? isType : target === 'client';
    return isFree ? undefined : `${from} imports ${to}: ${source}/ stands alone`;
  }
  if (standAlone.includes(target)) return `${from} imports ${to}: ${target}/ stands alone`;
  if (target === importsAll) {
    return source === 'cli' ? undefined : `${from} imports ${to}: testing/ is for tests and the demo`;
  }
  const [sourceStep, targetStep] = [steps.get(source), steps.get(target)];
  if (sourceStep === undefined || targetStep === undefined) {
    return `${from} imports ${to}: ${sourceStep === undefined ? source : target} has no place in the layers`;
  }
  if (targetStep < sourceStep) return undefined;
  const why =
    targetStep === sourceStep ? 'neighbours on one step do not import each other' : 'imports go only leftwards';
  return `${from} imports ${to}: ${source} -> ${target}; ${why}`;
}

/** `src/mail/outbox.ts` -> `mail`, `src/app.ts` -> `app`; `undefined` outside src/. */
function layerOf(path: string): string | undefined {
  const [top, name = ''] = path.split('/');
  return top === 'src' ? name.replace(/\.(ts|js)$/, '') : undefined;
}

function relativeImports(from: string, text: string): Import[] {
  const specifiers = text.matchAll(
    /(\b(?:im|ex)port type [^;'"]*)?\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g,
  );
  return [...specifiers].flatMap(([, type, specifier = '']) => {
    const to = new URL(specifier, `file:///${from}`).pathname.slice(1);
    return /\.(ts|js|mjs)$/.test(to) ? [{ from, to, isType: type !== undefined }] : [];
  });
}

/** Every cycle once, as the files in import order, the first repeated at the end. */
function cycles(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: readonly string[], at: string): void => {
    const start = path.indexOf(at);
    if (start >= 0) {
      found.push([...path.slice(start), at]);
      return;
    }
    if (done.has(at)) return;
    for (const { to } of targets.get(at) ?? []) visit([...path, at], to);
    done.add(at);
  };
  for (const from of targets.keys()) visit([], from);
  return found;
}
