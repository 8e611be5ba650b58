import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { declarationById, listDeclarations } from '../../../src/main/report/declarations';
import { reportSections } from '../../../src/main/report/sections';
import { ReportSection } from '../../../src/shared/contract/report';

describe('declarations', () => {
  it('are one file each, named by their id, with source and date; none comes first', () => {
    const files = readdirSync('resources/declarations').map((name) => name.replace('.json', ''));
    const all = listDeclarations();
    expect(all.map((one) => one.id).sort()).toEqual(files.sort());
    expect(all[0]?.id).toBe('none');
    for (const one of all.slice(1)) {
      expect(one.source.length).toBeGreaterThan(10);
      expect(one.paragraphs.length).toBeGreaterThan(0);
      expect(one.fields).toContain('Signature');
    }
  });

  it('hold the wording of 28 U.S.C. 1746 for inside and outside the United States', () => {
    const end = 'that the foregoing is true and correct.';
    expect(declarationById('us-28usc1746-inside').paragraphs).toEqual([`I declare under penalty of perjury ${end}`]);
    expect(declarationById('us-28usc1746-outside').paragraphs).toEqual([
      `I declare under penalty of perjury under the laws of the United States of America ${end}`,
    ]);
  });

  it('refuse an unknown id, naming those there are', () => {
    expect(() => declarationById('x')).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', advice: expect.stringContaining('india-bsa-63') }),
    );
  });
});

describe('sections', () => {
  it('are as the contract wants them, ids once, and a caller cannot change them', () => {
    const all = reportSections();
    for (const section of all) expect(() => ReportSection.parse(section)).not.toThrow();
    expect(new Set(all.map((section) => section.id)).size).toBe(all.length);
    const [first] = all;
    if (first) first.title = 'changed';
    expect(reportSections()[0]?.title).not.toBe('changed');
  });
});
