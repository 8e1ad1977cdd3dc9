package io.autorefresh.proof.faults;

import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Gate;
import java.io.IOException;
import java.time.Duration;

/** What a callback can do to its caller. */
enum Trouble {
  CHECKED {
    @Override
    void strike(Gate gate) throws IOException {
      throw new IOException("of the test");
    }
  },
  UNCHECKED {
    @Override
    void strike(Gate gate) {
      throw new IllegalArgumentException("of the test");
    }
  },
  ERROR {
    @Override
    void strike(Gate gate) {
      throw new AssertionError("of the test");
    }
  },
  STACK_OVERFLOW {
    @Override
    void strike(Gate gate) throws Throwable {
      strike(gate);
      // Not a tail call.
      gate.arrived();
    }
  },
  OUT_OF_MEMORY {
    @Override
    void strike(Gate gate) {
      long[][] all = new long[64][];
      for (int i = 0; i < all.length; i++) {
        all[i] = new long[Integer.MAX_VALUE - i];
      }
      throw new AssertionError("this machine has room for " + all.length + " such arrays");
    }
  },
  THROWABLE {
    @Override
    void strike(Gate gate) throws Throwable {
      throw new DeathOfAThread();
    }
  },
  INTERRUPTED {
    @Override
    void strike(Gate gate) throws InterruptedException {
      throw new InterruptedException("of the test");
    }
  },
  INTERRUPTS_ITSELF {
    @Override
    void strike(Gate gate) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("of the test");
    }
  },
  RETRY_AFTER {
    @Override
    void strike(Gate gate) throws RetryAfterException {
      throw new RetryAfterException(Duration.ofMillis(1));
    }
  },
  HANGS {
    @Override
    void strike(Gate gate) throws Exception {
      gate.pass();
    }
  },
  HANGS_STUBBORNLY {
    @Override
    void strike(Gate gate) throws Exception {
      gate.passStubbornly();
    }
  };

  /** Neither exception nor error. */
  private static final class DeathOfAThread extends Throwable {
    private static final long serialVersionUID = 1L;
  }

  /** Makes the trouble; what hangs does so until the gate opens. */
  abstract void strike(Gate gate) throws Throwable;

  boolean hangs() {
    return this == HANGS || this == HANGS_STUBBORNLY;
  }

  /** As {@link #strike}, for callbacks that declare nothing. */
  void strikeUndeclared(Gate gate) {
    try {
      strike(gate);
    } catch (Throwable e) {
      throw Trouble.<RuntimeException>undeclared(e);
    }
  }

  @SuppressWarnings("unchecked")
  static <T extends Throwable> RuntimeException undeclared(Throwable e) throws T {
    throw (T) e;
  }
}
