import { describe, expect, it } from 'vitest';
import { exhibitRoute, exhibitsRoute, parseRoute, routeTo } from '../../../src/renderer/navigate';

describe('routes', () => {
  it('come back as they were put together, whatever is in them', () => {
    for (const id of ['E0001', 'a/b?c#d', '100%', 'sha256:ab', '\u202eevil', 'ä b']) {
      const route = parseRoute(`#/${routeTo('exhibits', id, { at: 'json:/a~1b/0', q: '&=?' })}`);
      expect(route.screen).toBe('exhibits');
      expect(route.id).toBe(id);
      expect(route.params.get('at')).toBe('json:/a~1b/0');
      expect(route.params.get('q')).toBe('&=?');
    }
  });

  it('leave out what is not given', () => {
    expect(exhibitRoute('E0001')).toBe('exhibits/E0001');
    expect(exhibitsRoute({ target: 'x' })).toBe('exhibits?target=x');
    expect(parseRoute('#/exhibits').id).toBeUndefined();
  });

  it('survive a hash that nobody made on purpose', () => {
    expect(parseRoute('').screen).toBe('');
    expect(parseRoute('#').screen).toBe('');
    expect(parseRoute('#/%E0%A4%A/%').screen).toBe('%E0%A4%A');
    expect(parseRoute('#/?=&&').screen).toBe('');
  });
});
