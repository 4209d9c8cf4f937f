// src/main/java/app/App.java
package app;

import java.net.URI;
import java.util.Map;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class App {
    static final URI REDIRECT_URI = URI.create("{{redirect_uri}}");

    public static void main(String[] args) {
        SpringApplication app = new SpringApplication(App.class);
        int port = REDIRECT_URI.getPort();
        app.setDefaultProperties(Map.of("server.port", port < 0 ? 8080 : port));
        app.run(args);
    }

    @Bean
    ClientRegistrationRepository clients() {
        return new InMemoryClientRegistrationRepository(ClientRegistrations.fromIssuerLocation("{{issuer}}")
                .registrationId("signet")
                .clientId("{{client_id}}")
                .clientSecret(System.getenv("OIDC_CLIENT_SECRET"))
                .redirectUri(REDIRECT_URI.toString())
                .scope({{scopes}})
                .build());
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        return http
                .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                // The page /logout signs out here and at the server.
                .logout(logout -> logout.logoutSuccessHandler(new OidcClientInitiatedLogoutSuccessHandler(clients())))
                .oauth2Login(login -> login.redirectionEndpoint(callback -> callback.baseUri(REDIRECT_URI.getPath())))
                .build();
    }

    @GetMapping("/")
    Map<String, Object> home(@AuthenticationPrincipal OidcUser user) {
        return user.getClaims();
    }
}
