/** What a hostile clock can do to the contract: one that jumps, one that stands still, and one that creeps. */
package io.autorefresh.proof.time;
