import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { connection, dns, ethernet, ip, pcap, udp } from '../kit/capture';
import { type Served, serve } from './serve';

const T = 1_790_000_000_000_000;
let served: Served;

test.beforeAll(async () => {
  served = await serve((dir, lading) => {
    writeFileSync(join(dir, 'bridge.pcap'), traffic());
    const path = join(dir, 'case');
    lading('new', path, '--number', 'E2E-NET', '--title', 'Packets', '--examiner', 'A. Examiner');
    lading('import', path, join(dir, 'bridge.pcap'), '--from', 'A. Admin');
    return path;
  });
});

test.afterAll(() => served?.stop());

async function accessible(page: Page, screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${screen}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** A lookup, an upload, a login in plain text, some downloads. */
function traffic(): Buffer {
  const packets = [
    {
      us: T,
      bytes: ethernet(
        ip('172.17.0.2', '10.77.1.53', 17, udp(5000, 53, dns(1, '637573746f6d657273.t.update-cdn.example'))),
      ),
    },
    { us: T + 5e5, bytes: ethernet(ip('172.17.0.2', '10.77.1.53', 17, udp(5000, 53, dns(2, 'update-cdn.example')))) },
    {
      us: T + 6e5,
      bytes: ethernet(
        ip('10.77.1.53', '172.17.0.2', 17, udp(53, 5000, dns(2, 'update-cdn.example', { answers: ['203.0.113.9'] }))),
      ),
    },
    ...connection(
      { client: '172.17.0.2', server: '203.0.113.9', sport: 41000, dport: 8080, us: T + 1e6, step: 20_000 },
      [
        {
          way: 'a',
          body: `PUT /dump-web01.tgz HTTP/1.1\r\nHost: update-cdn.example\r\nContent-Length: 90000\r\n\r\n${'x'.repeat(90_000)}`,
        },
        { way: 'b', body: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' },
      ],
    ),
    ...connection({ client: '172.17.0.2', server: '203.0.113.10', sport: 41001, dport: 21, us: T + 6e6 }, [
      { way: 'b', body: '220 ready\r\n' },
      { way: 'a', body: 'USER backup\r\nPASS hunter2secret\r\n' },
    ]),
    ...[3, 4, 5, 6].flatMap((n) =>
      connection({ client: `172.17.0.${n}`, server: `198.51.100.${n}`, sport: 42000, dport: 80, us: T + n * 1e6 }, [
        { way: 'a', body: `GET /page-${n} HTTP/1.1\r\nHost: mirror.example\r\n\r\n` },
        { way: 'b', body: `HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n${'y'.repeat(9000)}` },
      ]),
    ),
  ];
  return pcap(packets.sort((a, b) => a.us - b.us));
}

test('shows who talked to whom, the packet that says so, and the graph', async ({ page }) => {
  test.slow();
  await page.goto(served.url);
  // nobody analysed anything: the screen makes the index, and with it reads the capture
  await page.getByRole('navigation').getByRole('link', { name: 'Network' }).click();
  const rows = page.getByRole('grid', { name: 'conversations' });
  const upload = rows.getByRole('row', { name: /tcp 172\.17\.0\.2:41000 update-cdn\.example 203\.0\.113\.9:8080/ });
  await expect(upload).toBeVisible({ timeout: 60_000 });
  await upload.click();
  const pane = page.getByRole('region', { name: 'Packet' });
  await expect(pane).toContainText('In DNS: update-cdn.example');
  await expect(pane).toContainText('Process unknown');
  await expect(page.getByRole('img', { name: /Bytes over time/ })).toBeVisible();
  await page.screenshot({ path: 'test-results/network.png' });
  await accessible(page, 'conversations');

  const view = page.getByRole('radiogroup', { name: 'What to show' });
  await view.getByText(/^HTTP/).click();
  await expect(page.getByRole('row', { name: /PUT update-cdn\.example\/dump-web01\.tgz 90000 200/ })).toBeVisible();
  // what was sent is taken out, with a reason
  await page.getByRole('row', { name: /PUT update-cdn\.example\/dump-web01\.tgz 90000 200/ }).click();
  await pane.getByRole('button', { name: /^Save what was sent/ }).click();
  const ask = page.getByRole('dialog', { name: 'Save what was sent' });
  const to = join(served.dir, 'dump.evidence');
  await ask.getByLabel('Save as').fill(to);
  await ask.getByLabel('Why the copy is made').fill('Request 4711');
  await ask.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Taken out of the capture')).toBeVisible();
  expect(statSync(to).size).toBe(90_000);
  await view.getByText(/^DNS/).click();
  await expect(page.getByRole('row', { name: /637573746f6d657273/ })).toBeVisible();
  await view.getByText(/^Logins/).click();
  await expect(page.getByRole('row', { name: /FTP .*backup/ })).toBeVisible();
  await expect(page.getByText('hunter2secret')).toHaveCount(0);
  await view.getByText(/^Packets/).click();
  await expect(page.getByRole('row', { name: /question A update-cdn\.example/ })).toBeVisible();
  await page.screenshot({ path: 'test-results/network-packets.png' });
  await accessible(page, 'packets');

  await view.getByText('Who with whom').click();
  const node = page.getByRole('link', { name: /update-cdn\.example 203\.0\.113\.9/ });
  await expect(node).toBeVisible();
  await page.screenshot({ path: 'test-results/network-graph.png' });
  await accessible(page, 'graph');
  await node.click();
  await expect(page.getByRole('button', { name: /Only 203\.0\.113\.9: show all/ })).toBeVisible();
});
