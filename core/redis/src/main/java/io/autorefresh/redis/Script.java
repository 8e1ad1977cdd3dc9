package io.autorefresh.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** A script that the server runs at once, and keeps under its hash. */
enum Script {
  CLAIM("claim.lua"),
  PUBLISH("publish.lua");

  private final byte[] text;
  private final byte[] hash;

  Script(String file) {
    try (InputStream in = Objects.requireNonNull(Script.class.getResourceAsStream(file), file)) {
      text = in.readAllBytes();
      hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text)).getBytes(UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One round trip; a second one where the server does not have the script yet. */
  Object run(Connection connection, List<byte[]> keys, List<byte[]> args) {
    try {
      return connection.executeCommand(command(Command.EVALSHA, hash, keys, args));
    } catch (JedisNoScriptException e) {
      return connection.executeCommand(command(Command.EVAL, text, keys, args));
    }
  }

  private static CommandArguments command(Command command, byte[] script, List<byte[]> keys, List<byte[]> args) {
    return new CommandArguments(command).add(script).add(keys.size()).addObjects(keys).addObjects(args);
  }
}
