import { z } from 'zod';
import { CollectorInfo, HostSpec, Inputs, OwnProfile, Plan, Profile } from '../domain';
import { base, InCase, TaskStarted } from './base';

const Selection = z.object({
  hosts: z.array(HostSpec).min(1),
  profile: z.string().optional(),
  collectors: z.array(z.string()).optional(),
  /** Names or ids (unique prefixes) of targets; none means all. */
  targets: z.array(z.string()).optional(),
  /** What collectors need to be told, by their id: `{'container.files': {paths: ['/etc/passwd']}}`. */
  inputs: Inputs.optional(),
  /** Collectors of the profile that are left out, by their id. */
  without: z.array(z.string()).optional(),
});
export type Selection = z.infer<typeof Selection>;

export const collect = {
  catalogue: base.output(z.array(CollectorInfo)),
  /** Lading's and the examiner's own, these last. */
  profiles: base.output(z.array(Profile)),
  /** Saves an own profile, in the place of one with the same id. */
  saveProfile: base.input(OwnProfile).output(Profile),
  removeProfile: base.input(z.object({ id: z.string() })),
  /** Writes an own profile to a new file, to be given away. `to` is its whole path. */
  shareProfile: base.input(z.object({ id: z.string(), to: z.string().min(1) })).output(z.object({ path: z.string() })),
  /** What would happen. The hosts must be connected. */
  plan: base.input(InCase.extend(Selection.shape)).output(Plan),
  /** Runs it as a task; its result is `{collection, exhibits, partial, misses}`. */
  start: base
    .input(
      InCase.extend(Selection.shape).extend({
        reason: z.string().max(2000).optional(),
        /** A footprint beyond 'reads host' is refused unless this says so. */
        acceptFootprint: z.boolean().default(false),
      }),
    )
    .output(TaskStarted),
};
