// The public surface: what notebooks import from "../lib".
export { runTable } from "./experiments/run";
export { mainTable } from "./tables/main";
