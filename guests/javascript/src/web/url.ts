// https://url.spec.whatwg.org

import { URL, URLSearchParams } from "whatwg-url";

export { URL, URLSearchParams };
