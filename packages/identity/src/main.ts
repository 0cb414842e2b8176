import { runService } from '@weft/service';
import { identityService } from './identity-service.ts';

process.exit(await runService(identityService, { argv: process.argv.slice(2), env: process.env }));
