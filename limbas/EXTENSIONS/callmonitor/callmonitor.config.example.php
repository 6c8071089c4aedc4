<?php
// The call monitor in Limbas. Copy this file to callmonitor.config.php, in this folder, and fill it in.
// An edited file counts at once. What is commented out shows another possibility.

return [
    // Where browsers reach the event service. A path is on the same server as Limbas, behind the same web server; that
    // is best (see docs/limbas-extension.md). Another server is 'https://callmonitor.example/', and has to know Limbas'
    // address by its setting WEB_ORIGINS.
    'service_url' => '/callmonitor/',

    // What tokens are signed with: the same as the event service's WEB_SECRET. It never goes to a browser.
    // With Docker Compose: docker compose exec web cat /state/web-secret
    'secret' => '',
    // Or a file with the secret and nothing else, which the web server's user can read:
    // 'secret_file' => '/etc/callmonitor/web-secret',

    // The table in which calls are recorded.
    'calls_table' => 'ANRUFE',

    // The tables of contacts, and their fields with phone numbers. A new contact gets the number in the first one.
    'contact_tables' => [
        'KUNDEN' => ['TELEFON', 'MOBIL'],
    ],

    // Who sees which calls: 'all', 'own' (those of the user's own numbers and phones) or 'none' (no call monitor).
    // What is said of a user counts before what is said of groups, and that before 'everyone'. For who is in several
    // groups the one counts that sees most.
    //
    // A user's own numbers and phones stand in the field «Tel» of the Limbas user, with commas between:
    // '0221 4710101, **610'. A number is one of the office's own; **610 or 10 is a phone at the FRITZ!Box, kanzlei/10 one
    // at the box of that name. They can be said here instead. Who has Limbas' menu right «Einstellungen» can change the
    // own «Tel»: if 'own' is to keep calls from somebody, take that right away, or say the numbers here.
    'who_sees' => [
        'everyone' => 'all',
        'groups' => [
            // 'Verkauf' => 'own',
        ],
        'users' => [
            // 'anna' => 'all',
            // 'bernd' => ['calls' => 'own', 'own_numbers' => ['0221 4710102'], 'extensions' => ['10', 'kanzlei/20']],
        ],
    ],
];
