import { silencers, type Tool } from './define.ts';

export const androidLint: Tool = {
  name: 'android-lint',
  documentation: 'https://developer.android.com/studio/write/lint',
  install: 'the Android SDK',
  programs: ['lint', 'gradlew lint'],
  builds: true,
  languages: ['java', 'kotlin'],
  scope: 'program',
  obeys: ['javac', 'kotlinc'],
  silencers: [
    ...silencers('xml', 'line', [
      ['\\btools : ignore = ["\']', 'declaration', '<TextView tools:ignore="HardcodedText" />'],
    ]),
    ...silencers('java kotlin', 'code', [['@TargetApi \\(', 'declaration', '@TargetApi(21)']]),
  ],
  settings: { files: ['lint.xml'], lists: ['lint-baseline.xml'], builds: ['*.gradle', '*.gradle.kts'] },
};
