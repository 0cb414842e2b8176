export { MountedFiles, type MountedFilesOptions } from './files/mounted-files.ts';
export { checkKeyPair, type KeyPair, servingCertificate } from './files/serving-certificate.ts';
export { AdmissionMetrics, type RequestOutcome } from './metrics.ts';
export type { AdmissionDecision, AdmissionRequest, Admit, PatchOperation } from './review/review.ts';
export { defaultWebhookLimits, type WebhookLimits } from './server/limits.ts';
export { openWebhook, type Webhook, type WebhookSurroundings } from './server/open-webhook.ts';
export { WebhookServer, type WebhookServerOptions } from './server/webhook-server.ts';
