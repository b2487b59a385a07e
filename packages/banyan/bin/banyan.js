#!/usr/bin/env node
console.error("the command line is not there yet");
process.exitCode = 2;
