export { runPipeline as default } from './run-pipeline.ts';
