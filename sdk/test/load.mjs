// Compiles a source file in memory, so that tests need no build before them.

import { build } from 'esbuild';

export async function load(name) {
  const { outputFiles } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [`../src/${name}.ts`],
    bundle: true,
    format: 'esm',
    write: false,
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
