// The composition root: builds each feature once, in the order of the layers, and hands one what it needs of another.
// The only file that knows them all.
import { addAccount, type AddedAccount } from './accounts/add-account.ts';
import type { AccountDirectory } from './accounts/directory.ts';
import { forgetImports } from './accounts/import.ts';
import { createOwnDirectory } from './accounts/own.ts';
import { createPasswordTries } from './accounts/password-tries.ts';
import { createPasswords, type PasswordCost } from './accounts/passwords.ts';
import { type Agents, createAgents } from './agents/agents.ts';
import { createAudit } from './audit/audit.ts';
import { type Clock, dayMs } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import { createKeys } from './base/secret.ts';
import type { Settings } from './config/settings.ts';
import type { Database } from './database/database.ts';
import { createDesk, type Desk } from './desk/desk.ts';
import { createDaySums } from './desk/figure-rows.ts';
import { createWatch } from './desk/watch.ts';
import { createAssets, type Assets } from './http/assets.ts';
import { createServer, type Server } from './http/server.ts';
import { createHumanCheck } from './human-check/check.ts';
import type { HumanCheckProvider } from './human-check/provider.ts';
import { createSiteverify } from './human-check/siteverify.ts';
import { createDatabaseCounter } from './limits/counter.ts';
import { createLimits } from './limits/limits.ts';
import { openValkeyCounter } from './limits/valkey.ts';
import { createOutbox } from './mail/outbox.ts';
import { createSmtpSender, type MailSender } from './mail/smtp.ts';
import { createMails } from './mails.ts';
import { createOwnAccount } from './own-account/own-account.ts';
import { createAddressNotices } from './password-changes/address-notices.ts';
import { createPrepareNotice } from './password-changes/notices.ts';
import { createPasswordChanges } from './password-changes/password-changes.ts';
import { createEndRecoveries } from './recovery/end-recoveries.ts';
import { createRecovery } from './recovery/recovery.ts';
import { createRecoveryMail } from './recovery/recovery-mail.ts';
import { createAuthenticator } from './proofs/authenticator.ts';
import { createTypedAddressCodes } from './proofs/typed-address.ts';
import { createDevices } from './sessions/devices.ts';
import { createSecondSteps } from './sessions/second-steps.ts';
import { createEraser, type Erased } from './retention/erasure.ts';
import { forgetEveryMs, retention, type Rule } from './retention/retention.ts';
import { createSessions } from './sessions/sessions.ts';
import { createEntrance } from './sign-in/entrance.ts';
import { createOwnAuthenticator } from './sign-in/own-authenticator.ts';
import { createSecondFactor } from './sign-in/second-factor.ts';
import { createChangePassword } from './sign-in/change-password.ts';
import { createSignIn } from './sign-in/sign-in.ts';
import { createSignUp } from './sign-in/sign-up.ts';
import { createReleases, type Releases } from './releases/releases.ts';
import { type Cases, createCases } from './support/cases.ts';
import { loadPictureReader } from './support/pictures.ts';

export interface AppNeeds {
  readonly settings: Settings;
  readonly db: Database;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  /** How many processes share the machine's cores for hashing. */
  readonly processes?: number;
  /** SMTP, as the settings say, where none is given. */
  readonly sender?: MailSender;
  /** Of the human check; the one that the settings name, where none is given. */
  readonly checkProvider?: HumanCheckProvider;
  /** OWASP's minimum where none is given: less only in a test. */
  readonly passwordCost?: PasswordCost;
  /** Parts of one's own instead of those in the table below. */
  readonly makers?: Partial<Makers>;
}

/** How the parts are made that others lean on: a test hands in a weak one and sees who notices. */
const allMakers = {
  keys: createKeys,
  limits: createLimits,
  directory: createOwnDirectory,
  passwords: createPasswords,
  sessions: createSessions,
  authenticator: createAuthenticator,
  humanCheck: createHumanCheck,
  recoveryMail: createRecoveryMail,
  outbox: createOutbox,
  recovery: createRecovery,
  releases: createReleases,
  signIn: createSignIn,
  desk: createDesk,
  server: createServer,
};
export type Makers = typeof allMakers;

export interface App {
  readonly server: Server;
  readonly assets: Assets;
  readonly directory: AccountDirectory;
  readonly cases: Cases;
  readonly agents: Agents;
  readonly desk: Desk;
  readonly releases: Releases;
  /** What happens by timer, never by a request: mail, the audit's seal, the end of what has expired. */
  readonly jobs: readonly (() => Promise<unknown>)[];
  /** What each process that answers does every second, whoever runs the jobs: what it remembers of its own requests. */
  readonly ownJobs: readonly (() => Promise<unknown>)[];
  /** Adds the account; `false` when its user ID is taken. Throws for what no sign-up would take. */
  addAccount(account: AddedAccount): Promise<boolean>;
  /** Erases an account and all that belongs to it, by user ID or id; `undefined` where there is none. */
  eraseAccount(account: string): Promise<Erased | undefined>;
  close(): Promise<void>;
}

const site = 'default';

export async function createApp({
  settings,
  db,
  log,
  clock,
  random,
  sender = createSmtpSender({ url: settings.smtp }),
  checkProvider = providerOf({ settings, clock, log }),
  passwordCost,
  processes,
  makers,
}: AppNeeds): Promise<App> {
  const make = { ...allMakers, ...makers };
  const keys = make.keys(settings.keys);
  const counter = createDatabaseCounter({ db, clock });
  const valkey =
    settings.valkey === undefined
      ? undefined
      : await openValkeyCounter({ url: settings.valkey, deployment: deploymentOf(settings), log });
  const limits = make.limits({ counter, valkey });
  const audit = createAudit({ db, keys, clock, random, site });
  const directory = make.directory({ db, clock, random, site });
  await directory.checkAtStart();
  const passwords = make.passwords({
    keys,
    random,
    minLength: settings.passwordMinLength,
    siteName: settings.siteName,
    processes,
    cost: passwordCost,
  });
  const sessions = make.sessions({ db, keys, clock, random, site, sessionDays: settings.sessionDays });
  const devices = createDevices({ db, keys, clock, random, site });
  const secondSteps = createSecondSteps({ db, keys, clock, random, site });
  const authenticator = make.authenticator({ db, keys, clock, random, site });
  const passwordTries = createPasswordTries({ db, keys, clock, site });
  const humanCheck = make.humanCheck({
    db,
    keys,
    clock,
    random,
    limits,
    site,
    mode: settings.humanCheck,
    alwaysLetters: settings.alwaysLetters,
    provided: checkProvider && { provider: checkProvider, hasSlide: settings.humanCheckOutage === 'built-in' },
  });
  const recoveryMail = make.recoveryMail({ db, keys, clock, limits, directory, settings, site });
  const prepareNotice = createPrepareNotice({ db, keys, clock, directory, site });

  // Made before the features that enqueue; its mails are made by features that exist once it delivers.
  const outbox = make.outbox({
    db,
    clock,
    random,
    sender,
    log,
    site: { id: site, senderName: settings.senderName ?? settings.siteName, senderAddress: settings.senderAddress },
    prepare: (entry) => prepareMail(entry),
    onEnd: (tx, entry, ending) =>
      audit.append(tx, {
        event: ending === 'sent' ? 'mail.sent' : 'mail.withheld',
        subjectId: entry.subjectId,
        facts: { kind: entry.kind, ending },
      }),
  });
  const features = {
    db,
    keys,
    clock,
    random,
    audit,
    outbox,
    limits,
    directory,
    passwords,
    passwordTries,
    devices,
    sessions,
    secondSteps,
    authenticator,
    enter: createEntrance({ audit, devices, sessions, comesIn: (tx, of) => releases.comesIn(tx, of) }),
    humanCheck,
    addressCodes: createTypedAddressCodes({ keys, clock, random, limits, settings, site }),
    settings,
    site,
  };
  const addressNotices = createAddressNotices(features);
  const passwordChanges = createPasswordChanges({
    ...features,
    addressNotices,
    endRecoveries: createEndRecoveries(features),
  });
  const recovery = make.recovery({
    ...features,
    passwordChanges,
    // Releases are built on recoveries.
    releases: {
      hold: (tx, id) => releases.grants.hold(tx, id),
      spend: (tx, spent) => releases.grants.spend(tx, spent),
      comesIn: (tx, of) => releases.comesIn(tx, of),
    },
  });
  const signIn = make.signIn(features);
  const secondFactor = createSecondFactor(features);
  const ownAuthenticator = createOwnAuthenticator({ ...features, provePassword: signIn.provePassword });
  const changePassword = createChangePassword({ ...features, passwordChanges, signIn });
  const signUp = createSignUp(features);
  const ownAccount = createOwnAccount({
    ...features,
    addressNotices,
    provePassword: signIn.provePassword,
    endRecoveriesThrough: recovery.endThroughAddress,
  });
  const readPicture = await loadPictureReader(settings);
  const cases = createCases({ ...features, readPicture, isSilent: recoveryMail.isSilent });
  const agents = createAgents({ ...features, log });
  const watch = createWatch({ ...features, log, cases });
  const daySums = createDaySums(features);
  const releases: Releases = make.releases({
    ...features,
    log,
    agents,
    cases,
    passwordChanges,
    addressNotices,
    openReleased: recovery.openReleased,
    endReleased: recovery.endReleased,
  });
  const desk = make.desk({ ...features, agents, cases, watch, releases });
  const prepareMail = createMails({
    ...features,
    recoveryMail,
    prepareNotice,
    signUp,
    ownAccount,
    addressNotices,
    cases,
    releases,
  });
  const assets = createAssets(settings);

  const server = make.server({
    ...features,
    log,
    assets,
    recovery,
    passwordChanges,
    signIn,
    secondFactor,
    ownAuthenticator,
    changePassword,
    signUp,
    ownAccount,
    cases,
    agents,
    desk,
    releases,
    isReady: () =>
      outbox.health().then(
        ({ isFailing }) => !isFailing,
        () => false,
      ),
  });

  let forgotAt = clock.now();
  async function forgetExpired(): Promise<void> {
    const sinceMs = clock.now() - forgotAt;
    // Negative: the clock was set back, and would have to catch up first.
    if (sinceMs >= 0 && sinceMs < forgetEveryMs) return;
    forgotAt = clock.now();
    await humanCheck.forgetExpired();
    await counter.clear();
    const before = ({ keptMs }: Rule) => clock.now() - keptMs;
    await authenticator.forget({ setAside: before(retention.factors_set_aside.undoable) });
    await recovery.forget({
      codes: before(retention.recoveries.code),
      mails: before(retention.mailed_codes.mailed),
      recoveries: before(retention.recoveries.ended),
      mailboxes: before(retention.mailboxes.idle),
    });
    await ownAccount.addresses.forget({
      claims: before(retention.address_claims.ended),
      changes: before(retention.address_changes.made),
    });
    await passwordChanges.forget(before(retention.password_changes.made));
    await releases.notices.forget(before(retention.release_notices.made));
    await signUp.forget(before(retention.sign_ups.ended));
    await sessions.forget(before(retention.sessions.ended));
    await secondSteps.forget(before(retention.second_steps.ended));
    await devices.forget({ ended: before(retention.devices.ended), used: before(retention.devices.unused) });
    await passwordTries.forget(before(retention.password_tries.idle));
    await agents.forget({ sessions: before(retention.agent_sessions.ended) });
    await outbox.forget(before(retention.outbox.ended));
    await audit.forget(clock.now() - settings.auditDays * dayMs);
    await forgetImports(db, before(retention.import_rows.leftBehind));
    await cases.forget({
      decided: before(retention.cases.decided),
      undecided: before(retention.cases.undecided),
      closed: before(retention.cases.closed),
      evidence: before(retention.case_evidence.decided),
      codes: before(retention.case_contacts.code),
      handles: before(retention.case_handles.ended),
    });
  }

  return {
    server,
    assets,
    directory,
    cases,
    agents,
    desk,
    releases,

    jobs: [
      releases.settle,
      releases.notices.tellOpenings,
      outbox.deliver,
      audit.seal,
      watch.lookAround,
      daySums.sumUp,
      forgetExpired,
    ],
    ownJobs: [sessions.noteUsed],
    eraseAccount: createEraser(features).erase,
    addAccount: passwords.bounded((account) => addAccount(account, { db, directory, passwords })),

    async close() {
      await valkey?.close();
      await sender.close();
      await db.close();
    },
  };
}

/** What tells this one from another that counts in the same Valkey: where it is reached. */
const deploymentOf = ({ origin, basePath }: Settings): string =>
  `${new URL(origin).host}${basePath.replace(/\/$/, '')}`;

function providerOf({ settings, clock, log }: Pick<AppNeeds, 'settings' | 'clock' | 'log'>) {
  const { humanCheckProvider: name, humanCheckSiteKey: siteKey = '', humanCheckSecret: secret = '', origin } = settings;
  if (name === 'built-in') return undefined;
  return createSiteverify({ name, siteKey, secret, hostname: new URL(origin).hostname, clock, log });
}
