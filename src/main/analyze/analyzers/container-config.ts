import { z } from 'zod';
import type { ExhibitRecord, TargetRef } from '../../../shared/domain';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { fromEngineFiles, inspectedContainers } from '../formats/container-config';
import { containerConfig } from './lib/config/container';
import { exposureRules } from './lib/config/exposure';
import { hardening } from './lib/config/hardening';
import { isolationRules } from './lib/config/isolation';
import { mountRules } from './lib/config/mounts';
import { oddRules } from './lib/config/odd';
import { stopped } from './lib/config/stopped';
import { type Doc, jsonDoc, readDoc } from './lib/doc';
import { eachExhibit, report } from './lib/rule';

/** Every rule on a container's configuration. */
export const configRules = [...isolationRules, ...mountRules, ...exposureRules, ...oddRules, stopped, hardening];

/** From a live engine, from docker inspect's answer, and from the engine's disk. */
const SOURCES = ['container.inspect', 'import.docker-inspect', 'import.container-config'];

/**
 * What a container was allowed: its isolation, mounts, ports, secrets. Reads `GET /containers/{id}/json`, and what was
 * imported: docker inspect's answer, and config.v2.json with hostconfig.json of an engine's disk.
 */
export default defineAnalyzer({
  id: 'container-config',
  version: '2',
  title: 'Container configuration',
  accepts: ({ collector, kind }) => SOURCES.includes(collector.id) && kind === 'json',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      if (exhibit.collector.id === 'container.inspect') check(ctx, await readDoc(ctx, exhibit), exhibit.target);
      else if (exhibit.collector.id === 'import.docker-inspect') await inspected(ctx, exhibit);
      else await onDisk(ctx, exhibit);
    }),
});

function check(ctx: AnalyzeContext, doc: Doc, target: TargetRef): void {
  for (const part of ['HostConfig', 'Config']) {
    if (doc.get(z.record(z.string(), z.unknown()), part) === undefined) {
      ctx.unreadable(doc.exhibit, `There is no ${part} in it: the rules on that part found nothing to look at.`);
    }
  }
  const config = containerConfig(doc);
  for (const rule of configRules) {
    for (const hit of rule.check(config)) report(ctx, rule, target, hit);
  }
}

async function inspected(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<void> {
  const { value } = await readDoc(ctx, exhibit);
  const containers = inspectedContainers(value);
  if (containers.length === 0) ctx.unreadable(exhibit, 'No container is in this answer of docker inspect.');
  for (const { keys: before, value: one, id, name } of containers) {
    const doc = jsonDoc(ctx, exhibit, one, (keys) => ({ exhibit, keys: [...before, ...keys] }));
    check(ctx, doc, { kind: 'container', id, name });
  }
}

async function onDisk(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<void> {
  const { value: config } = await readDoc(ctx, exhibit);
  const beside = ctx.exhibits.filter(
    (other) =>
      other.collector.id === 'import.container-hostconfig' &&
      other.target.id === exhibit.target.id &&
      parentOf(other) === parentOf(exhibit),
  );
  // Of two members of one name the later counts, as it does for whoever unpacks the archive.
  const hostconfig = beside.at(-1);
  if (beside.length > 1) ctx.unreadable(exhibit, `${beside.length} hostconfig.json belong to it; the last was taken.`);
  const host = hostconfig && (await readDoc(ctx, hostconfig)).value;
  const { value, placed } = fromEngineFiles(config, host);
  const doc = jsonDoc(ctx, exhibit, value, (keys) => {
    const place = placed(keys);
    return { exhibit: place.file === 'hostconfig' && hostconfig ? hostconfig : exhibit, keys: place.keys };
  });
  check(ctx, doc, exhibit.target);
}

function parentOf({ how }: ExhibitRecord): string | undefined {
  return how.kind === 'import' ? how.parent : undefined;
}
