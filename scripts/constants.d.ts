// Written into the bundles by scripts/build.mjs. A test that imports src/ directly runs without the build, so
// code that tests reach must ask `typeof __VERSION__ === 'string'` first.
declare const __VERSION__: string
declare const __BUILD__: string
