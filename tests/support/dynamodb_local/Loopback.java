import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

/**
 * DynamoDB Local in memory, on 127.0.0.1 only, for as long as its standard input is open.
 *
 * Its own main class listens on every interface, sends telemetry, and outlives the tests when they are killed.
 */
public final class Loopback {
    public static void main(String[] args) throws Exception {
        var requests = new LocalDynamoDBRequestHandler(0, true, null, true, false);
        var server = new Server(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])));
        server.setHandler(new ContextHandler(new LocalDynamoDBServerHandler(requests, null), "/"));
        server.start();
        while (System.in.read() >= 0) {}
        System.exit(0);
    }
}
