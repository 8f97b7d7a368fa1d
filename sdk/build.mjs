// Builds the scripts for other people's sites into ../public: the loader, which
// may not grow fat, and what the chat itself needs before its WASM.

import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const LIMITS = { 'widget.js': 4096, 'chat.js': 2048 };
const output = new URL('../public/', import.meta.url);

await mkdir(output, { recursive: true });
for (const [name, limit] of Object.entries(LIMITS)) {
  const { outputFiles } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [`src/${name.replace('.js', '.ts')}`],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2019',
    write: false,
  });
  const code = outputFiles[0].contents;
  const size = gzipSync(code, { level: 9 }).length;
  console.log(`${name}: ${code.length} bytes, ${size} gzipped (limit ${limit})`);
  if (size > limit) {
    console.error(`${name} is over its limit and was not written.`);
    process.exit(1);
  }
  await writeFile(new URL(name, output), code);
}
