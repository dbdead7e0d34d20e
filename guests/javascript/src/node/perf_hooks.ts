import {
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  performance,
} from "../web/performance.ts";
import { placeholder } from "./internal/unavailable.ts";

export { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, performance };
export default {
  ...placeholder("perf_hooks"),
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  performance,
};
