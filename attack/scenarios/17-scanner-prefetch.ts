import type { Scenario } from '../scenario.ts';
import { asksForPassword, codeOf, linkOf, numberOf, prove, reachCode, setPassword } from '../walk.ts';

const agents = [
  'Mozilla/5.0 (compatible; LinkScanner/1.0)',
  'curl/8.0',
  'Mozilla/5.0 (Windows NT 10.0) SafeLinks',
  'python-requests/2',
];

export const scannerPrefetch: Scenario = {
  number: 17,
  name: 'scanner-prefetch',
  title: 'Programs that open every link of a mail before its reader does',
  cost: 'none: mail gateways do it by themselves',
  expectation: 'they change nothing, by opening or by sending the form as it stands; the owner goes on',

  async inside(target, { expect, tell }) {
    const person = await target.addPerson();
    const browser = target.browser();
    await reachCode(target, browser, person.address);
    const mail = await target.mailTo(person.address);
    let opened = 0;
    const scan = async (path: string) => {
      for (let times = 0; times < target.sized(4, 20); times += 1) {
        const robot = target.browser();
        const headers = { 'user-agent': agents[times % agents.length] ?? '' };
        for (const method of ['GET', 'HEAD']) await robot.send(path, { method, headers });
        // A robot that runs scripts presses what there is to press, and has nothing to type.
        for (const fields of [{}, { code: '' }, { number: '' }, { after: 'all' }])
          await robot.send(path, { method: 'POST', headers, body: new URLSearchParams(fields) });
        opened += 6;
      }
    };
    await scan(linkOf(mail, 'link'));
    await scan(linkOf(mail, 'stop'));
    const owner = target.browser();
    const proven = await owner.post(linkOf(mail, 'link'), { code: codeOf(mail) });
    expect(asksForPassword(proven), 'the link is spent before its reader comes');

    const changed = target.browser();
    const other = await target.addPerson();
    await setPassword(target, changed, await prove(target, changed, other.address), 'a stolen green bicycle');
    const notice = await target.mailTo(other.address);
    await scan(linkOf(notice, 'stop'));
    expect(await target.opens(other, 'a stolen green bicycle'), 'a robot undid a change');
    await target.browser().post(linkOf(notice, 'stop'), { number: numberOf(notice) });
    expect(!(await target.opens(other, 'a stolen green bicycle')), 'the notice is spent before its reader comes');
    tell(`${opened} requests of robots`);
  },
};
