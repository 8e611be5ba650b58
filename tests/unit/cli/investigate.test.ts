import { describe, expect, it } from 'vitest';
import type { Investigation } from '../../../src/shared/contract/investigations';
import { exhibit, finding, run } from './kit';

const told: Investigation = {
  id: 'compromised',
  title: 'Compromised container',
  about: 'Somebody may have come in.',
  answers: [
    {
      id: 'processes',
      question: 'Do processes run that should not?',
      why: 'Why.',
      instead: ['docker top <container_id>'],
      state: 'found',
      summary: '1 finding from 2 exhibits.',
      points: [
        { text: 'web\u202e: it runs.', cites: finding.cites, finding: 'F1', severity: 'high', status: 'open' },
        ...Array.from({ length: 20 }, (_, i) => ({ text: `fact ${i}`, cites: finding.cites })),
      ],
      more: 3,
      exhibits: ['E0001'],
      missing: [
        {
          collector: 'container.upper',
          title: 'Upper directory',
          targets: [exhibit.target],
          reason: 'denied: no root',
        },
        { collector: 'import.pcap', title: 'Captured packets', targets: [] },
      ],
    },
  ],
};

describe('investigate', () => {
  it('prints questions, answers with their places, and how to take what is missing', async () => {
    const result = await run(['investigate', 'c', 'compromised', '--target', 'web'], {
      'investigations.get': () => told,
    });
    expect(result.code).toBe(0);
    expect(result.calls).toContainEqual(
      expect.objectContaining({ input: expect.objectContaining({ id: 'compromised', target: 'web' }) }),
    );
    expect(result.out).toContain('1. Do processes run that should not?');
    expect(result.out).toContain('high, open, F1: web');
    expect(result.out).toContain('E0001 json:/HostConfig/Privileged');
    expect(result.out).toContain('and 12 more');
    expect(result.out).toContain('denied: no root');
    expect(result.out).toContain('[lading collect --collector container.upper]');
    expect(result.out).toContain('[lading import]');
    expect(result.out).not.toMatch(/[\u202e\u001b]/);
  });

  it('gives everything as JSON', async () => {
    const result = await run(['investigate', 'c', 'malware', '--json'], { 'investigations.get': () => told });
    expect(JSON.parse(result.out)).toEqual(told);
  });

  it.each([[['investigate', 'c']], [['investigate', 'c', 'other']]])('%j is wrong usage', async (argv) => {
    expect((await run(argv)).code).toBe(2);
  });
});
