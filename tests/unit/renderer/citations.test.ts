import { describe, expect, it } from 'vitest';
import { linkCitations, splitCitations } from '../../../src/renderer/features/notes/citations';

const links = (text: string) => splitCitations(text).filter((piece) => piece.to !== undefined);

describe('splitCitations', () => {
  it('links exhibits, places in them, and findings', () => {
    expect(links('See @E0012, @E0003 line:7 and #F3 or #F46946578.')).toEqual([
      { text: '@E0012', to: '#/exhibits/E0012' },
      { text: '@E0003 line:7', to: '#/exhibits/E0003?at=line%3A7' },
      { text: '#F3', to: '#/findings/F3' },
      { text: '#F46946578', to: '#/findings/F46946578' },
    ]);
  });

  it('leaves the full stop at the end of a place to the sentence', () => {
    expect(links('(@E0022 json:/HostConfig/Binds/0).')[0]?.text).toBe('@E0022 json:/HostConfig/Binds/0');
    expect(links('@E0001 bytes:10+20, then')[0]?.to).toBe('#/exhibits/E0001?at=bytes%3A10%2B20');
  });

  it('loses no character and links nothing else', () => {
    for (const text of ['', 'plain', 'a@E12 #Foo @E00x1 #F', '@E0001@E0002#F1', 'mail me@E0001.example']) {
      expect(
        splitCitations(text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
    }
    expect(links('@E12 #Fail @F0001')).toEqual([]);
  });
});

describe('linkCitations', () => {
  it('leaves code and links alone', () => {
    const tree = {
      type: 'root',
      children: [
        {
          type: 'paragraph',
          children: [
            { type: 'text', value: 'a @E0001' },
            { type: 'inlineCode', value: '@E0002' },
          ],
        },
        { type: 'link', url: 'https://x.example', children: [{ type: 'text', value: '@E0003' }] },
      ],
    };
    linkCitations(tree);
    expect(tree.children[0]?.children).toEqual([
      { type: 'text', value: 'a ' },
      { type: 'link', url: '#/exhibits/E0001', children: [{ type: 'text', value: '@E0001' }] },
      { type: 'inlineCode', value: '@E0002' },
    ]);
    expect(tree.children[1]?.children).toEqual([{ type: 'text', value: '@E0003' }]);
  });
});
