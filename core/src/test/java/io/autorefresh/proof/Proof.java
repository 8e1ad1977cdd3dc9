package io.autorefresh.proof;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Marks the test classes that prove the contract by other means than examples. {@code mvn verify} runs all of them
 * briefly after the tests; {@code mvn -pl core test -Dproof=name} runs those of one kind for long.
 */
@Tag("proof")
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Proof {}
