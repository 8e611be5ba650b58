import type { ExhibitRecord } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { defineAnalyzer } from '../analyzer';
import type { Frame } from '../formats/frames';
import { linesOf, utf8 } from './lib/files/text';
import { citeFrame, hostSubject } from './lib/host/subject';
import { eachExhibit, type Hit, type Rule, report } from './lib/rule';

export const forward: Rule = {
  id: 'firewall.forward',
  version: '1',
  title: 'The packet filter sends connections elsewhere, and not by the engine’s rules',
  severity: 'low',
  confidence: 'possible',
  techniques: ['T1090', 'T1572'],
  benign: 'Virtual machines, clusters and administrators forward ports so; who wrote the rule can say for what.',
};

export const hidden: Rule = {
  id: 'firewall.log-dropped',
  version: '1',
  title: 'The packet filter keeps the host from sending its logs',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1685'],
  benign: 'A host that may send nothing outside is set up so as a whole, not for these ports alone.',
};

/** Every rule of this file. */
export const firewallRules: readonly Rule[] = [forward, hidden];

/** Chains that engines, clusters and managers of virtual machines write themselves. */
const OF_ENGINES = /^(?:DOCKER|KUBE-|CNI-|LIBVIRT_|cali-|CILIUM_|NETAVARK-|PODMAN)/;

/** iptables-save(8): `[12:720] -A PREROUTING -p tcp --dport 8443 -j DNAT --to-destination 203.0.113.9:443`. */
function saved(exhibit: ExhibitRecord, frame: Frame): { forwards: Hit[]; dropped: Hit[] } {
  const forwards: Hit[] = [];
  const dropped: Hit[] = [];
  for (const { text, offset, length } of linesOf(frame.body)) {
    const rule = /^(?:\[\d+:\d+\] )?-A (\S+) (.*)$/.exec(utf8(text));
    if (!rule || OF_ENGINES.test(rule[1] ?? '')) continue;
    const cites = [citeFrame(exhibit, frame, { offset, length })];
    const words = rule[2] ?? '';
    // Docker's resolver in a namespace and its own userland proxy: 127.0.0.11
    if (/-j (?:DNAT|REDIRECT)\b/.test(words) && !/127\.0\.0\.11\b/.test(words))
      forwards.push({ claim: `Chain ${visible(rule[1] ?? '', { max: 60 })}: ${visible(words, { max: 300 })}`, cites });
    if (
      rule[1] === 'OUTPUT' &&
      /--dport (?:514|6514|5044|12201|8088|9997)\b/.test(words) &&
      /-j (?:DROP|REJECT)\b/.test(words)
    )
      dropped.push({ claim: `Chain OUTPUT: ${visible(words, { max: 300 })}`, cites });
  }
  return { forwards, dropped };
}

/** `nft -a -nn list ruleset`: a rule a line, chains in blocks. */
function ruleset(exhibit: ExhibitRecord, frame: Frame): { forwards: Hit[]; dropped: Hit[] } {
  const forwards: Hit[] = [];
  const dropped: Hit[] = [];
  let chain = '';
  let output = false;
  for (const { text, offset, length } of linesOf(frame.body)) {
    const named = /^\s*chain (\S+) \{/.exec(utf8(text));
    if (named) {
      chain = named[1] ?? '';
      output = chain === 'OUTPUT';
    }
    if (/\bhook output\b/.test(text)) output = true;
    if (OF_ENGINES.test(chain)) continue;
    const cites = [citeFrame(exhibit, frame, { offset, length })];
    const words = utf8(text).trim();
    if (/\b(?:dnat (?:ip6? )?to|redirect to)\b/.test(words) && !/127\.0\.0\.11\b/.test(words))
      forwards.push({ claim: `Chain ${visible(chain, { max: 60 })}: ${visible(words, { max: 300 })}`, cites });
    if (output && /\bdport (?:514|6514|5044|12201|8088|9997)\b/.test(words) && /\b(?:drop|reject)\b/.test(words))
      dropped.push({ claim: `Chain ${visible(chain, { max: 60 })}: ${visible(words, { max: 300 })}`, cites });
  }
  return { forwards, dropped };
}

/** Rules of the packet filter that send connections elsewhere or keep logs from leaving. iptables and nft may show the same rule. */
export default defineAnalyzer({
  id: 'firewall',
  version: '1',
  title: 'Packet filter of the host',
  accepts: ({ collector, kind }) => collector.id === 'host.firewall' && kind === 'frames',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const { files } = await hostSubject(ctx, exhibit);
      const tell = (frame: Frame | undefined, read: typeof saved) => {
        if (!frame) return false;
        const { forwards, dropped } = read(exhibit, frame);
        for (const hit of forwards) report(ctx, forward, exhibit.target, hit);
        for (const hit of dropped) report(ctx, hidden, exhibit.target, hit);
        return frame.length > 0;
      };
      const old = [files.commands.get('iptables')?.output, files.commands.get('ip6tables')?.output];
      const told = old.map((frame) => tell(frame, saved)).some((one) => one);
      if (!told) tell(files.commands.get('nft')?.output, ruleset);
    }),
});
