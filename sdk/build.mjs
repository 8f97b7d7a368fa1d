// Builds the widget loader into ../public and refuses to let it grow fat.

import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 4096;
const output = new URL('../public/widget.js', import.meta.url);

const { outputFiles } = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/widget.ts'],
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2019',
  write: false,
});

const code = outputFiles[0].contents;
const size = gzipSync(code, { level: 9 }).length;
console.log(`widget.js: ${code.length} bytes, ${size} gzipped (limit ${LIMIT_BYTES})`);
if (size > LIMIT_BYTES) {
  console.error('widget.js is over its limit and was not written.');
  process.exit(1);
}
await mkdir(new URL('.', output), { recursive: true });
await writeFile(output, code);
