import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue, collectorById } from '../../../src/main/collect/registry';
import { enteredInput, fieldsOf, readForm } from '../../../src/renderer/features/collect/fields';

const INFOS = catalogue().filter((info) => info.input !== undefined);
const form = (id: string) => fieldsOf(INFOS.find((info) => info.id === id)?.input) ?? [];

describe('forms for what collectors are told', () => {
  it('has fields for every collector of the catalogue that can be told something', () => {
    expect(INFOS.length).toBeGreaterThan(10);
    for (const { id, input } of INFOS) expect(fieldsOf(input)?.length, id).toBeGreaterThan(0);
  });

  it('gives, empty, what the collector takes, or names what is missing', () => {
    for (const { id, input } of INFOS) {
      const { values, errors, missing } = readForm(fieldsOf(input) ?? [], {});
      expect(errors, id).toEqual({});
      expect(collectorById(id)?.input?.safeParse(values).success, id).toBe(missing.length === 0);
    }
  });

  it('never lets through what the collector would refuse for the form of one value', () => {
    const fields = INFOS.flatMap(({ id, input }) => (fieldsOf(input) ?? []).map((field) => ({ id, field })));
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.string({ maxLength: 40 }), ({ id, field }, text) => {
        if (field.kind === 'switch') return;
        const { values, errors } = readForm([field], { [field.name]: text });
        if (errors[field.name] !== undefined || !(field.name in values)) return;
        const refused = collectorById(id)?.input?.safeParse(values).error?.issues ?? [];
        expect(refused.filter((issue) => issue.path[0] === field.name)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('says where a number must be more than a bound', () => {
    const fields = form('process.memory').filter(({ name }) => name === 'largest');
    expect(readForm(fields, { largest: '0' }).errors).toEqual({ largest: 'More than 0.' });
    expect(readForm(fields, { largest: '2' }).values).toEqual({ largest: 2 });
  });

  it('reads paths by line, and says which one is wrong', () => {
    const fields = form('container.files');
    expect(readForm(fields, { paths: '/etc/passwd\n/var/log /x\n\n' }).values).toEqual({
      paths: ['/etc/passwd', '/var/log /x'],
      mounts: true,
    });
    expect(readForm(fields, { paths: '/a\netc' }).errors).toEqual({ paths: 'Line 2: A path begins with /.' });
    expect(readForm(fields, { paths: ' ' }).missing).toEqual(['Paths']);
  });

  it('reads times with and without zone, and refuses days that are none', () => {
    const fields = form('host.auth-log');
    expect(readForm(fields, { since: '2026-11-25 03:00', until: '2026-11-25T03:00:00+01:00' }).values).toEqual({
      since: '2026-11-25T03:00:00Z',
      until: '2026-11-25T03:00:00+01:00',
    });
    for (const since of ['yesterday', '2026-02-30 10:00', '2026-11-25', '2026-11-25 25:00']) {
      expect(readForm(fields, { since }).errors.since, since).toContain('A time like');
    }
  });

  it('reads numbers within their limits only', () => {
    const fields = form('container.inside.processes');
    expect(readForm(fields, { seconds: '60' }).values).toEqual({ seconds: 60 });
    for (const [seconds, error] of [
      ['0', 'At least 1.'],
      ['86401', 'At most 86400.'],
      ['1.5', 'A whole number, please.'],
      ['1e3', 'This is no number.'],
    ] as const)
      expect(readForm(fields, { seconds }).errors).toEqual({ seconds: error });
  });

  it('shows what a profile tells, and reads the same from it', () => {
    const told = { argv: ['sh', '-c', 'id'], seconds: 9, user: 'root' };
    expect(readForm(form('container.inside.command'), enteredInput(told)).values).toEqual(told);
  });

  it('makes no form of what it does not understand', () => {
    expect(fieldsOf(undefined)).toBeUndefined();
    expect(fieldsOf({ properties: { a: { type: 'object' } } })).toBeUndefined();
    expect(fieldsOf({ anyOf: [] })).toEqual([]);
  });
});
