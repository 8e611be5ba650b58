import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openBolt } from '../../../../src/main/analyze/formats/bolt';
import { overlaySnapshots } from '../../../../src/main/analyze/formats/overlay-snapshots';

/** metadata.db of the overlayfs snapshotter of a lab host: Docker 26.1.5 with containerd's store. */
const RECORDED = [
  'W///EUWwcRBszTK4nwm2MbOGL6ETXjPfYtdQ2TMcoZITUGtlzwIduv8AkGaFxEKSYlSRqXex0XHs0FFJ6N53+Fi6QNXS/vTdCYdk6ks4FDs70g',
  'PQa8xQ63/w/HOvHk9uXua2kL4sC9LuWiAtWKtzck2r1QpNWiA1q/f42PQwX7DjeAGw4BWpumlSx64dvcUxIfhUtatR6/+lHQAAJIDvH+rfI2gD',
  'GQCgALQBFwEdF9+5UZ+N7yYE/1qulVz6oXYA8Obx8/ftnwOOgigRSW9qwHzMwzsELA3MwYhAwNuI6fiPgN+xxsiK9NbJnn3D+fdh+vjzK0jth+',
  'iEH4uu9DZQA9N0NQ1D4xmPC6LT2zYszTBHw48IlpQSMaMWya70epRoAbYjQgCsQoYAWIgEATANCRLAZJRoYevE4TYcDmh+ukff6vfZ/91ff4eZ',
  'kT+vlknP85Mx9U/Xn7DNYpl365Kch/OY4bDx5FUaVM/crBznY7OL55SiG4r1sSVwca26VRu+fel+azErvCXX9mvHtV3axv5ljczjOvHOLwuUb4',
  '2Z9q/7m+t1fTvMXRocddU78bV8/3VW965Qb0m1+dryzbP0TTGFObu4pGd8xq7/e75DyrM7MqRa+i3ur8HsgQcejIURhHrBJgfn8O9Cb5HgjHPb',
  '6g4GozVFp5yY25OxpuMT4zbfY6P8fI8PtPqvi15dvOeW73Hqv0sKrP+QanHZ/qwZAICHB2PXF0lAwJTgX5uqvZSPLwUF+wYiAMAGE5Nodl/kGG',
  '+dhZxVoo1kDSsMyiUujEXMnK32V3j98UzHSKOWLp0z0pj1JEeMMnrhePLQ3g37M4YQd2sMAMbwnabBP9cq9kISbYp2Xrq+w4D/kwGOGGPsxt7W',
  'vAKRbRcAjMVgViT8ankA0EaENo6OS/juctrlAUAKikRb1R8VUnJKKmrUadC0sAOAFrWSmITMIg8ACuy0Sv4X3BDV6ngkmbae28zb/KmSZ2AQbG',
  'UOD6dPR3d9M+ZdhCcVHhcCdmk4M0hOFKg4E0KcVgU8QHf3rp4W3RBKuS5eAzLKrsn8Em+e9JwQ/C3dUTa5ByQgy3SyD+jNK3f2ODjowpzcJgJB',
  'dFwtFRSUlsEMiXn7pNfnhPdbtCg7JEs4m8u7MSeQ95IunqXCaCSiuUicCD3SdIFCi3D23ZPe8OhlMHbVWM6KIgPggZtJXXEmCwmhd5stBXRX1g',
  'K5iGvnkjb7+ydDJLwA/iCvi0iStfe494AfVkcArFvoPAbrMWNCeJfGbkgS3EXiAUPiw5Ohe2vwtPIYgpYGUQAwArurHf63ywOAClKncCEmJbO8',
  'A4DisP+S3H0j+BfkFngAUECapeXLJ/97TTsASPK/Ig62imT9uOKgvwt4ENDk',
];
const recorded = () => brotliDecompressSync(Buffer.from(RECORDED.join(''), 'base64'));
const PAGE = 4096;

describe('overlaySnapshots', () => {
  it('reads what containerd wrote: containers, their init layers, and the image below', () => {
    const list = overlaySnapshots(recorded());
    expect(list).toMatchInlineSnapshot(`
      [
        {
          "id": "44",
          "name": "sha256:45ea976adcb9d6056065b9565a6163ee9a8045edfd6e34d30e75a97441c4c522",
        },
        {
          "id": "45",
          "name": "ee3a6e9b3f52e159bbfbcbe9376eff177c5196146d76f209495cc8ccfa9fd828-init",
          "parent": "sha256:45ea976adcb9d6056065b9565a6163ee9a8045edfd6e34d30e75a97441c4c522",
        },
        {
          "id": "46",
          "name": "ee3a6e9b3f52e159bbfbcbe9376eff177c5196146d76f209495cc8ccfa9fd828",
          "parent": "ee3a6e9b3f52e159bbfbcbe9376eff177c5196146d76f209495cc8ccfa9fd828-init",
        },
        {
          "id": "47",
          "name": "1e31c1aa215806ebe1e79b39d44a3ba78d6c8e1a316d2adb47ae8debaf65e9ea-init",
          "parent": "sha256:45ea976adcb9d6056065b9565a6163ee9a8045edfd6e34d30e75a97441c4c522",
        },
        {
          "id": "48",
          "name": "1e31c1aa215806ebe1e79b39d44a3ba78d6c8e1a316d2adb47ae8debaf65e9ea",
          "parent": "1e31c1aa215806ebe1e79b39d44a3ba78d6c8e1a316d2adb47ae8debaf65e9ea-init",
        },
      ]
    `);
    const byName = new Map(list.map((one) => [one.name, one]));
    for (const one of list) if (one.parent) expect(byName.has(one.parent)).toBe(true);
  });

  it('takes the newer of the two meta pages, and the other where that is torn', () => {
    const file = recorded();
    const txid = (page: number) => file.readBigUInt64LE(page * PAGE + 16 + 48);
    const newer = txid(0) > txid(1) ? 0 : 1;
    const all = overlaySnapshots(file);
    file.writeUInt8(file.readUInt8(newer * PAGE + 16 + 20) ^ 1, newer * PAGE + 16 + 20);
    expect(() => overlaySnapshots(file)).not.toThrow();
    file.writeUInt8(file.readUInt8((1 - newer) * PAGE + 16 + 20) ^ 1, (1 - newer) * PAGE + 16 + 20);
    expect(() => overlaySnapshots(file)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    expect(all.length).toBeGreaterThan(2);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(3 * PAGE)],
    ['text', Buffer.from('not a database'.repeat(1000))],
  ])('refuses %s', (_, file) => {
    expect(() => overlaySnapshots(file)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  });

  it('ends on pages that lead in a circle, out of the file, or are cut', () => {
    const file = recorded();
    let refused = 0;
    for (let at = 2 * PAGE; at < file.length; at += 8) {
      for (const value of [0xff, 2]) {
        const harmed = Buffer.from(file);
        harmed.writeUInt8(value, at);
        try {
          overlaySnapshots(harmed);
        } catch (error) {
          expect(error).toMatchObject({ code: 'FILE_UNREADABLE' });
          refused += 1;
        }
      }
      if (at > 8 * PAGE) break;
    }
    expect(refused).toBeGreaterThan(0);
    const root = openBolt(file).keys();
    expect(root).toContain('v1');
    expect(() => overlaySnapshots(file.subarray(0, 2 * PAGE))).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
  });
});
