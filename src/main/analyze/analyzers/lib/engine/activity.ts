import type { TargetRef } from '../../../../../shared/domain';
import { commandSigns, firstProgram, gravest, isShell } from '../commands';
import { type Hit, listed, type Rule } from '../rule';
import { shown } from '../secrets';
import { type EngineEvent, eventTarget, eventTime, named, repeated } from './events';
import { type ExecRecord, told } from './execs';

/** What the rules on events look at. */
export interface Activity {
  /** Distinct, in the order of time. */
  events: readonly EngineEvent[];
  /** What the engine still remembers of commands that it started, each once. */
  records: readonly ExecRecord[];
  /** The commands of health checks by container id, which are the engine's own. */
  healthChecks: ReadonlyMap<string, ReadonlySet<string>>;
}

export type EventRule = Rule & { check: (activity: Activity) => (Hit & { target: TargetRef })[] };

/** Groups like events, each group in the order of time. */
function grouped(events: readonly EngineEvent[], keyOf: (event: EngineEvent) => string): EngineEvent[][] {
  const groups = new Map<string, EngineEvent[]>();
  for (const event of events) {
    const key = keyOf(event);
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return [...groups.values()];
}

const ofContainers = (events: readonly EngineEvent[]) => events.filter(({ type }) => type === 'container');

const executionOf = ({ actor, attributes }: EngineEvent) => JSON.stringify([actor, attributes.execID ?? '']);

export const execThroughApi: EventRule = {
  id: 'engine.exec',
  version: '1',
  title: 'A command was started in the container through the engine',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1609'],
  benign:
    'Administrators and scripts use docker exec; orchestrators and health checks that are not in the configuration do as well. The events do not say who asked.',
  check: ({ events, records, healthChecks }) => {
    const remembered = new Map(records.map((record) => [record.id, record]));
    const starts = events.filter(
      ({ type, action, actor, command }) =>
        type === 'container' && action === 'exec_create' && !healthChecks.get(actor)?.has(command ?? ''),
    );
    const executions = new Map(
      grouped(ofContainers(events), executionOf).map((group) => [group[0] ? executionOf(group[0]) : '', group]),
    );
    return grouped(starts, ({ actor, command }) => JSON.stringify([actor, command])).flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const command = first.command ?? '';
      const signs = commandSigns(command);
      const shell = isShell(firstProgram(command));
      // the start and the end of the same execution belong to it
      const execution = first.attributes.execID ? executions.get(executionOf(first)) : undefined;
      const others = (execution ?? []).filter((event) => event !== first);
      const end = others.find(({ action }) => action === 'exec_die');
      const exit = end?.attributes.exitCode;
      const record = remembered.get(first.attributes.execID ?? '');
      const ended = end ? ` It ended at ${eventTime(end)}${exit ? ` with exit status ${shown(exit, 10)}` : ''}.` : '';
      const does = signs.length > 0 ? ` It ${listed(signs.map((sign) => sign.does))}.` : '';
      return [
        {
          target: eventTarget(first),
          title: signs[0]
            ? 'A suspicious command was started through the engine'
            : shell
              ? 'A shell was started through the engine'
              : undefined,
          claim: `An exec event at ${eventTime(first)} names the command "${shown(command, 500)}".${does}${record ? told(record) : ''}${ended}${repeated(group)}`,
          severity: gravest(
            signs.map(({ severity }) => severity),
            shell ? 'medium' : 'low',
          ),
          techniques: [...new Set(['T1609', ...signs.flatMap(({ techniques }) => techniques)])],
          cites: [first, ...others, ...(record ? [record] : [])].map(({ cite }) => cite),
        },
      ];
    });
  },
};

export const destroyed: EventRule = {
  id: 'engine.container-removed',
  version: '1',
  title: 'A container was removed',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1070'],
  benign:
    'Containers started with --rm, deployments and clean-up jobs end so. With the container its log and its changed files are gone.',
  check: ({ events }) =>
    grouped(ofContainers(events), ({ actor }) => actor).flatMap((own) => {
      const event = own.find(({ action }) => action === 'destroy');
      if (!event) return [];
      const created = own.find(({ action }) => action === 'create');
      const execs = own.filter(({ action }) => action === 'exec_create');
      const image = named(event.attributes, 'image', 'unknown');
      const since = created ? ` It had been created at ${eventTime(created)}.` : '';
      const used =
        execs.length > 0
          ? ` ${execs.length === 1 ? 'One command' : `${execs.length} commands`} had been started in it through the engine.`
          : '';
      return [
        {
          target: eventTarget(event),
          claim: `The engine removed the container at ${eventTime(event)}; its image was "${image}".${since}${used}`,
          severity: execs.length > 0 ? 'medium' : 'low',
          cites: [event, ...(created ? [created] : []), ...execs].map(({ cite }) => cite),
        },
      ];
    }),
};

interface Kind {
  id: string;
  title: string;
  type: string;
  actions: readonly string[];
  severity: 'medium' | 'low';
  techniques: readonly string[];
  benign: string;
  says: (event: EngineEvent) => string;
}

const OUR_OWN = 'Lading does so too where a deeper profile asks for it; the ledger says when.';

/** Events that are worth a line each, by what they do. */
const KINDS: readonly Kind[] = [
  {
    id: 'engine.copied-in',
    title: 'Files were copied into the container through the engine',
    type: 'container',
    actions: ['extract-to-dir'],
    severity: 'medium',
    techniques: ['T1105'],
    benign: 'Administrators use docker cp; so do build and test tools.',
    says: ({ attributes }) => `copied files into ${named(attributes, 'path', 'a path that the event does not name')}`,
  },
  {
    id: 'engine.copied-out',
    title: 'Files were copied out of the container through the engine',
    type: 'container',
    actions: ['archive-path', 'copy', 'export'],
    severity: 'low',
    techniques: ['T1005'],
    benign: `Administrators use docker cp and docker export. ${OUR_OWN}`,
    says: ({ action, attributes }) =>
      action === 'export'
        ? "exported the container's whole file system"
        : `read ${named(attributes, 'path', 'a path that the event does not name')}`,
  },
  {
    id: 'engine.committed',
    title: 'The container was made into an image',
    type: 'container',
    actions: ['commit'],
    severity: 'low',
    techniques: ['T1525'],
    benign: 'Administrators keep a state so. Others preserve a backdoor or evidence so.',
    says: () => 'committed it',
  },
  {
    id: 'engine.image-deleted',
    title: 'An image was deleted',
    type: 'image',
    actions: ['delete'],
    severity: 'low',
    techniques: ['T1070'],
    benign: 'Clean-up jobs delete images that nothing uses.',
    says: ({ actor, attributes }) => `deleted image "${named(attributes, 'name', actor)}"`,
  },
  {
    id: 'engine.volume-removed',
    title: 'A volume was removed',
    type: 'volume',
    actions: ['destroy'],
    severity: 'low',
    techniques: ['T1070', 'T1485'],
    benign: 'docker compose down -v and clean-up jobs remove volumes.',
    says: ({ actor }) => `removed volume "${named({ actor }, 'actor', 'unnamed')}"`,
  },
  {
    id: 'engine.plugin',
    title: 'A plug-in of the engine was installed or enabled',
    type: 'plugin',
    actions: ['pull', 'enable', 'create'],
    severity: 'medium',
    techniques: ['T1543'],
    benign: 'Storage, network and log plug-ins are installed so. They run with many rights on the host.',
    says: ({ action, actor, attributes }) => `did "${action}" to plug-in "${named(attributes, 'name', actor)}"`,
  },
];

export const actions: readonly EventRule[] = KINDS.map(({ type, actions: wanted, says, ...rule }) => ({
  ...rule,
  version: '1',
  confidence: 'certain',
  check: ({ events }) => {
    const fitting = events.filter((event) => event.type === type && wanted.includes(event.action));
    return grouped(fitting, (event) => JSON.stringify([event.actor, event.action, says(event)])).flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const claim = `At ${eventTime(first)} somebody ${says(first)}.${repeated(group)}`;
      return [{ target: eventTarget(first), claim, cites: [first.cite] }];
    });
  },
}));

/** The rules on what the events show. */
export const activityRules: readonly EventRule[] = [execThroughApi, destroyed, ...actions];
