/** The headings under which --help lists the commands, in this order. */
export const group = {
  work: 'Projects and jobs:',
  results: 'What was found, and mended:',
  history: 'History and other services:',
  service: 'The service:',
  who: 'Who you are:',
  tools: 'Without a service:',
} as const;
