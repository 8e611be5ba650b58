import { describe, expect, it } from 'vitest';
import { caseFolderName, joinPath } from '../../../src/renderer/features/start/folders';

describe('caseFolderName', () => {
  it('makes a name that Windows, macOS and Linux take', () => {
    expect(caseFolderName('2026/0417: A*B')).toBe('2026-0417-A-B');
    expect(caseFolderName(' ../../etc ')).toBe('etc');
    expect(caseFolderName('con')).toBe('case-con');
    expect(caseFolderName('LPT1.x')).toBe('case-LPT1.x');
    expect(caseFolderName('ends.')).toBe('ends');
    expect(caseFolderName('Zürich 7')).toBe('Zürich-7');
    expect(caseFolderName('\u202e\u0000')).toBe('');
    expect(caseFolderName('x'.repeat(300))).toHaveLength(80);
  });
});

describe('joinPath', () => {
  it('uses the separator of the parent', () => {
    expect(joinPath('/cases', '7')).toBe('/cases/7');
    expect(joinPath('/', '7')).toBe('/7');
    expect(joinPath('C:\\cases', '7')).toBe('C:\\cases\\7');
    expect(joinPath('D:\\', '7')).toBe('D:\\7');
    expect(joinPath('/cases', '')).toBe('/cases');
  });
});
