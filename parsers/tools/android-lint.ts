import type { Tool } from './define.ts';

export const androidLint: Tool = {
  name: 'android-lint',
  documentation: 'https://developer.android.com/studio/write/lint',
  install: 'the Android SDK',
  programs: ['lint', 'gradlew lint'],
  builds: true,
  languages: ['java', 'kotlin'],
  obeys: ['javac', 'kotlinc'],
  settings: { files: ['lint.xml'], lists: ['lint-baseline.xml'], builds: ['*.gradle', '*.gradle.kts'] },
};
