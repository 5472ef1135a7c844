import { openProcesses } from '../../../../services/io/process/open-processes.ts';
import type { Containment } from '../../../../services/io/process/run-request.ts';
import { daemon, request } from './watched-processes.ts';

// Started by a test that kills it: node service-stand-in.ts LEVEL DAEMON_SECONDS,RECIPE_SECONDS
const [containment, seconds = ''] = process.argv.slice(2);
const [daemonSeconds = '', recipeSeconds = ''] = seconds.split(',');
const processes = await openProcesses({ containment: containment as Containment });
const command = `${daemon(daemonSeconds)}; echo up; sleep ${recipeSeconds}`;
await processes.run(request({ command, onOutput: (_stream, chunk) => void process.stdout.write(chunk) }));
