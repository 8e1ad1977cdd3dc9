/** Faults injected into a live cache: every callback with every trouble, and what must hold of all others meanwhile. */
package io.autorefresh.proof.faults;
