import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { LadingError } from '../../../shared/errors';
import { statusError } from '../../docker/engine-client';
import { type CollectContext, defineCollector } from '../collector';

const Input = z.object({
  image: z
    .string()
    .regex(/^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, {
      error: 'a name and a tag for the new image, as in case/2026-17-web:1',
    })
    .describe(
      'Name and tag of the image that is made on the host: case/2026-17-web:1. One that is there already is refused.',
    ),
  pause: z.boolean().default(true).describe('Pause the container while it is copied, so that its files fit together.'),
  remove: z.boolean().default(false).describe('Remove the image from the host once it is saved in the case.'),
});

const Made = z.object({ Id: z.string().regex(/^(sha256:)?[0-9a-f]{64}$/) });

export default defineCollector({
  id: 'container.commit',
  version: '1.0.0',
  title: 'Image made of the container',
  answers: 'What does an image of the container hold, as docker commit makes it?',
  how: 'On request only: the engine makes a new image on the host from what the container wrote (disk space on the host, events, a pause unless that is switched off), which is then saved into the case, and removed only if that was chosen. It has neither volumes nor memory; container.upper takes the same files without writing on the host.',
  replaces: ['docker commit <container_id> <image_name>', 'docker commit <container_id> forensic_image'],
  scope: 'container',
  volatility: 'image',
  footprint: 'writes on host',
  needs: ['engine'],
  input: Input,
  stallMs: 900_000,
  async collect(ctx, target, said) {
    const { image, pause, remove } = Input.parse(said);
    const there = await call(ctx, 'GET', `/images/${encodeURIComponent(image)}/json`);
    if (there.status !== 404) {
      throw new LadingError('BAD_INPUT', `The host has an image called ${image} already, or its engine cannot say.`, {
        advice: 'Give the new image a name that is not in use: a commit would take that name away from the other.',
      });
    }
    const colon = image.lastIndexOf(':');
    const query = { container: target.id, repo: image.slice(0, colon), tag: image.slice(colon + 1), pause };
    const made = await ctx.engine.request('POST', '/commit', query, ctx.signal, {});
    const answer = await buffer(made.body);
    if (made.status >= 300) throw statusError(made.status, made.path, answer);
    const { Id } = Made.parse(JSON.parse(answer.toString('utf8')));
    const saved = await ctx.fetch(
      { file: 'container.commit.tar', kind: 'tar', title: `Image ${image} (${Id}), made of the container` },
      `/images/${encodeURIComponent(Id)}/get`,
    );
    if (!remove || !saved) {
      await ctx.miss('not applicable', `The image ${image} (${Id}) stays on the host, where this collection made it.`);
      return;
    }
    const gone = await call(ctx, 'DELETE', `/images/${encodeURIComponent(image)}`);
    if (gone.status >= 300) throw statusError(gone.status, gone.path, gone.answer);
  },
});

async function call(ctx: CollectContext, method: 'GET' | 'DELETE', path: string) {
  const response = await ctx.engine.request(method, path, undefined, ctx.signal);
  return { status: response.status, path: response.path, answer: await buffer(response.body) };
}
