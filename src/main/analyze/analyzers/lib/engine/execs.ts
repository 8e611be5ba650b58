import { z } from 'zod';
import type { Citation, ExhibitRecord, TargetRef } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { AnalyzeContext } from '../../../analyzer';
import { commandSigns, firstProgram, gravest, isShell } from '../commands';
import { readJsonLines } from '../doc';
import { listed } from '../rule';
import { shown } from '../secrets';
import type { EventRule } from './activity';

/** An answer of `GET /exec/{id}/json`; the collector keeps one a line. */
const ExecLine = z.object({
  ID: z.string(),
  Running: z.boolean().optional(),
  ExitCode: z.number().nullish(),
  Pid: z.number().optional(),
  ProcessConfig: z.object({
    entrypoint: z.string().default(''),
    arguments: z.array(z.string()).nullish(),
    privileged: z.boolean().optional(),
    user: z.string().optional(),
    tty: z.boolean().optional(),
  }),
});

/** A command that the engine still remembers to have started in a container. */
export interface ExecRecord {
  id: string;
  target: TargetRef;
  /** Its words joined by blanks, as the engine's events have them. */
  command: string;
  privileged: boolean;
  user: string;
  tty: boolean;
  running: boolean;
  pid: number;
  cite: Citation;
}

/** Reads one exhibit of 'container.execs'; lines that are none are reported. */
export async function readExecs(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<ExecRecord[]> {
  const { kind, id, name } = exhibit.target;
  const lines = await readJsonLines(ctx, exhibit);
  return lines.flatMap(({ line, doc, cite }) => {
    const parsed = ExecLine.safeParse(doc.value);
    if (!parsed.success) {
      ctx.unreadable(exhibit, `Line ${line} does not describe a command that the engine started.`);
      return [];
    }
    const { ID, Running, Pid, ProcessConfig: process } = parsed.data;
    return [
      {
        id: ID,
        target: { kind, id, name },
        command: [process.entrypoint, ...(process.arguments ?? [])].join(' ').trim(),
        privileged: process.privileged === true,
        user: process.user ?? '',
        tty: process.tty === true,
        running: Running === true,
        pid: Pid ?? 0,
        cite,
      },
    ];
  });
}

/** The same execution is told by every collection; the first is kept. */
export function distinctExecs(records: readonly ExecRecord[]): ExecRecord[] {
  const once = new Map<string, ExecRecord>();
  for (const record of records) if (!once.has(record.id)) once.set(record.id, record);
  return [...once.values()];
}

/** What only the engine's record says of an execution, as a sentence. */
export function told({ user, privileged, tty, running, pid }: ExecRecord): string {
  const parts = [
    `as ${user ? `user ${visible(user, { max: 60 })}` : "the container's own user"}`,
    ...(privileged ? ['privileged'] : []),
    ...(tty ? ['with a terminal'] : []),
    ...(running ? [`still running as process ${pid}`] : []),
  ];
  return ` By the engine's record it ran ${listed(parts)}.`;
}

export const privilegedExec: EventRule = {
  id: 'engine.exec-privileged',
  version: '1',
  title: 'A command was started in the container with all privileges',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1609', 'T1611'],
  benign: 'Administrators use docker exec --privileged to mend or to trace something.',
  check: ({ records }) =>
    records
      .filter(({ privileged }) => privileged)
      .map((record) => ({
        target: record.target,
        claim: `ProcessConfig.privileged is true for the command "${shown(record.command, 500)}".${told(record)}`,
        cites: [record.cite],
      })),
};

export const forgottenExec: EventRule = {
  id: 'engine.exec-record',
  version: '1',
  title: 'The engine remembers a command that its events do not show',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1609'],
  benign:
    'The engine keeps few events: one from before is lost. Health checks that run at that moment are remembered so too.',
  check: ({ events, records, healthChecks }) => {
    const seen = new Set(events.flatMap(({ attributes }) => attributes.execID ?? []));
    return records
      .filter(({ id, target, command }) => !seen.has(id) && !healthChecks.get(target.id)?.has(command))
      .map((record) => {
        const signs = commandSigns(record.command);
        const does = signs.length > 0 ? ` It ${listed(signs.map((sign) => sign.does))}.` : '';
        return {
          target: record.target,
          claim: `The engine remembers the command "${shown(record.command, 500)}".${does}${told(record)}`,
          severity: gravest(
            signs.map(({ severity }) => severity),
            isShell(firstProgram(record.command)) ? 'medium' : 'low',
          ),
          techniques: [...new Set(['T1609', ...signs.flatMap(({ techniques }) => techniques)])],
          cites: [record.cite],
        };
      });
  },
};
