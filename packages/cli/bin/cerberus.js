#!/usr/bin/env node
// Not compiled: npm links the command when it installs the package, which is before dist/ is made in a checkout.
import '../dist/main.js'
