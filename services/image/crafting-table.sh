#!/bin/sh
# crafting-table COMMAND: the farm's command line, in the image.
exec node /app/services/cli/main.ts "$@"
