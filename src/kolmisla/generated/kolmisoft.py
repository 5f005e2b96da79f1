"""The document of the built-in policy, made from kolmisoft.toml by scripts/generate.py."""

# ruff: noqa: E501, RUF001
# fmt: off
from typing import Any

__all__ = ["DOCUMENT"]

DOCUMENT: dict[str, Any] = {
    'name': 'Kolmisoft',
    'source': 'https://wiki.kolmisoft.com/index.php/Support',
    'timezone': 'Europe/Vilnius',
    'currency': 'EUR',
    'schedules': {
        'working-hours': {'timezone': 'Europe/Vilnius', 'hours': {'mon-fri': ['08:00-18:00']}, 'holidays': 'LT', 'line': '*Support Working Hours: Monday to Friday, 8:00 AM – 6:00 PM Lithuanian time, excluding weekends and official public holidays in Lithuania (as defined by applicable law; for reference, see https://www.timeanddate.com/holidays/lithuania/). We aim to respond to support tickets within 25 minutes during working hours, but response times may occasionally be longer if a team member is on leave, unwell, or if there is an unusually high volume of support requests.'},
        'always': {'open': 'always', 'line': 'Emergency Support (for BLOCKER priority tickets) is available 24x7 and support is provided only through the Support System.'},
    },
    'priorities': {
        'BLOCKER': {'rank': 1, 'meaning': 'System down or severely degraded, or business critically impacted', 'schedule': 'always', 'line': 'Based on the severity tickets are divided into priorities by which support engineers decide which ticket should be solved first.\n- Blocker - The system is down or severely degraded or business operations are being critically impacted'},
        'HIGH': {'rank': 2, 'meaning': 'System degraded', 'schedule': 'working-hours', 'line': '- High - The system is degraded'},
        'MEDIUM': {'rank': 3, 'meaning': 'Operation impaired, yet generally functional', 'schedule': 'working-hours', 'line': '- Medium - The system operation is impaired, yet generally functional'},
        'LOW': {'rank': 4, 'meaning': 'Help with configuration or planning, use of the web interface', 'schedule': 'working-hours', 'line': '- Low - Configuration or planning assistance is requested to optimize performance of the system. This includes web interface usage and the like.'},
    },
    'plans': {
        'ENTERPRISE': {'rank': 1, 'label': 'Highest', 'includes': ['Full service', 'DID and provider configuration'], 'line': '| ENTERPRISE | Highest | 15 minutes | 2 hours | ||', 'targets': {'first-response': {'within': 'PT2H', 'line': '| Support Plan | Priority | Avg. Response Time (Working Hours)* | Guaranteed Response Time (Working Hours)* | Support System | We do MOR configurations for you |'}}, 'average': {'within': 'PT15M', 'schedule': 'working-hours', 'line': '| Support Plan | Priority | Avg. Response Time (Working Hours)* | Guaranteed Response Time (Working Hours)* | Support System | We do MOR configurations for you |'}},
        'PREMIUM': {'rank': 2, 'label': 'High', 'line': '| PREMIUM | High | 25 minutes | 2 hours |', 'targets': {'first-response': {'within': 'PT2H', 'line': '| Support Plan | Priority | Avg. Response Time (Working Hours)* | Guaranteed Response Time (Working Hours)* | Support System | We do MOR configurations for you |'}}, 'average': {'within': 'PT25M', 'schedule': 'working-hours', 'line': '| Support Plan | Priority | Avg. Response Time (Working Hours)* | Guaranteed Response Time (Working Hours)* | Support System | We do MOR configurations for you |'}},
    },
    'channels': {
        'support-system': {'line': 'The primary channel for support is Kolmisoft Support System.\nThe guaranteed response time applies only to tickets submitted via the Support System.'},
    },
    'versions': {'latest': 2, 'line': 'IMPORTANT! Only the two latest versions of MOR are officially supported.'},
    'rates': {
        'Data migration': {'price': '210', 'description': 'System data moved to another server', 'line': '| Data migration | Migration of system data to another server | 210 EUR |'},
        'Heartbeat / Virtual IP configuration': {'price': '210', 'description': 'High availability by a virtual IP', 'line': '| Heartbeat / Virtual IP configuration | High availability setup (failover configuration) using a Virtual IP (failover IP) to automatically switch traffic to a backup server in case of failure | 210 EUR |'},
        'MySQL Replication': {'price': '210', 'description': 'Replication set up, or its troubles resolved', 'line': '| MySQL Replication | Database replication setup or troubleshooting and resolution of replication issues | 210 EUR |'},
        'Installation': {'price': '210', 'unit': 'server', 'description': 'The latest version installed', 'line': '| Installation | Installation of the latest system version (per server) | 210 EUR |'},
        'Hourly rate support': {'price': '100', 'per': 'PT1H', 'description': 'Technical support outside the scope of a plan', 'line': '| Hourly rate support | Technical support provided outside the scope of an active Support Plan (billed in full-hour increments) | 100 EUR/h |'},
        'After working hours support': {'price': '100', 'per': 'PT1H', 'description': 'Technical support outside working hours', 'line': '| After working hours support | Technical support provided outside standard working hours (billed in full-hour increments) | 100 EUR/h |'},
        'Personal training': {'price': '100', 'per': 'PT1H', 'description': 'Training for one customer', 'line': '| Personal training | Dedicated training sessions tailored to Customer needs (billed in full-hour increments) | 100 EUR/h |'},
        'Custom development': {'price': 'depends on request', 'description': "Development by a customer's requirements", 'line': '| Custom development | Development based on specific Customer requirements; scope and pricing defined individually | Depends on request |'},
    },
    'work': {'schedule': 'working-hours', 'inside': 'Hourly rate support', 'outside': 'After working hours support', 'line': '| Hourly rate support | Technical support provided outside the scope of an active Support Plan (billed in full-hour increments) | 100 EUR/h |\n| After working hours support | Technical support provided outside standard working hours (billed in full-hour increments) | 100 EUR/h |'},
    'coverage': {
        'Problem troubleshooting': {'verdict': 'included', 'line': '- Problem troubleshooting'},
        'Answering technical questions': {'verdict': 'included', 'line': '- Answering technical questions'},
        'Giving a guide for configuration': {'verdict': 'included', 'line': '- Giving a guide for configuration'},
        "Let's Encrypt certificate on the new system": {'verdict': 'included', 'also': ["Let's Encrypt signed SSL certificate installation"], 'line': '- "Let\'s Encrypt" signed SSL certificate installation on the new system (GUI)'},
        'Testing customers settings': {'verdict': 'not-included', 'line': '- Testing customers settings - we only explain how to do that yourself (TeamViewer and other methods of screen sharing are not used).'},
        'Custom development': {'verdict': 'extra', 'rate': 'Custom development', 'line': '- Custom development - no additional functionality programming is included. It can be ordered separately.\n- Custom development - no additional functionality programming is included. It can be ordered separately'},
        'Server migration': {'verdict': 'extra', 'rate': 'Data migration', 'also': ['Migration of data and license'], 'line': '- Server migration (migration of data and license)'},
        'Additional server configuration': {'verdict': 'extra', 'rate': 'Hourly rate support', 'line': '- Additional server configuration'},
        'MySQL Replication configuration': {'verdict': 'extra', 'rate': 'MySQL Replication', 'line': '- MySQL Replication configuration'},
        'MySQL replication re-build': {'verdict': 'extra', 'rate': 'MySQL Replication', 'line': '- MySQL replication re-build'},
        'Redundancy configuration': {'verdict': 'extra', 'rate': 'Heartbeat / Virtual IP configuration', 'line': '- Redundancy configuration'},
        'Personal Training': {'verdict': 'extra', 'rate': 'Personal training', 'line': '- Personal Training (Online Group Training is included)'},
        'Online Group Training': {'verdict': 'included', 'line': '- Personal Training (Online Group Training is included)'},
        'Iptables, firewall, network configuration': {'verdict': 'extra', 'rate': 'Hourly rate support', 'line': '- Iptables, firewall, network configuration'},
        'Server re-installation': {'verdict': 'extra', 'rate': 'Installation', 'line': '- Server re-installation'},
        'Linux support': {'verdict': 'extra', 'rate': 'Hourly rate support', 'line': '- Linux (CentOS, Rocky) support'},
        'Custom database modifications, or restoration after them': {'verdict': 'extra', 'rate': 'Custom development', 'also': ['Custom database modifications', 'DB/data restoration'], 'line': '- Custom database modifications AND DB/data restoration after broken DB integrity because of manual interference into DB'},
        'Custom Asterisk modifications': {'verdict': 'extra', 'rate': 'Custom development', 'line': '- Custom Asterisk modifications'},
        'Communicating with service providers and other third parties': {'verdict': 'not-included', 'line': '- Communicating with different service providers and other third parties'},
        'Zaptel/DAHDI installation/configuration': {'verdict': 'extra', 'rate': 'Hourly rate support', 'line': '- Zaptel/DAHDI installation/configuration'},
        'Additional security certificate installations/updates/upgrades': {'verdict': 'extra', 'rate': 'Hourly rate support', 'line': '- Additional security certificate installations/updates/upgrades'},
        '3rd party software installation/debugging': {'verdict': 'extra', 'rate': 'Hourly rate support', 'line': '- 3rd party software installation/debugging'},
        "SSL certificates other than Let's Encrypt": {'verdict': 'extra', 'rate': 'Hourly rate support', 'line': '- Installation and maintenance of other than "Let\'s Encrypt" SSL certificates'},
        'Full service': {'verdict': 'not-included', 'also': ['MOR configurations', 'We do MOR configurations for you', 'Adding providers', 'Uploading rates', 'Creating clients', 'System monitoring'], 'line': 'Dedicated for companies who want to transfer Softswitch configuration (adding providers, uploading rates, creating clients, etc), system monitoring and all VoIP related problems to Kolmisoft support team. It is same as to hire full-time employee to work with Softswitch and VoIP issues. Furthermore, differently from hiring employee, Kolmisoft does not require training and we will make sure your tasks are done in the highest priority.'},
        'DID and provider configuration': {'verdict': 'not-included', 'also': ['DID configuration', 'Provider connection configuration'], 'line': '- After purchase is done by the Client, Kolmisoft engineers are able to configure DID (in the MOR and in the DID Provider configuration panel) or Provider connection (in the MOR/M2)'},
        'Iptables, firewall configuration': {'verdict': 'extra', 'rate': 'Hourly rate support', 'line': '- Iptables, firewall configuration'},
        'Configuration of third party software/hardware': {'verdict': 'extra', 'rate': 'Hourly rate support', 'line': '- Configuration of third party software/hardware (sotphones, IP phones, dialers, PBXes, gateways, etc)'},
        'Reports and documentation by hand': {'verdict': 'not-included', 'also': ['Periodic hand-made reports', 'Documenting configurations/features'], 'line': '- Enterprise support plan does not include periodic hand-made reports or documenting configurations/features additionally.'},
        'Purchases, agreements and other monetary activities': {'verdict': 'not-included', 'also': ['Purchasing DIDs', 'Making agreements with other service providers'], 'line': '- Purchasing DIDs, making agreements with other service providers and other tasks which include any monetary activities.'},
        'SNMP service configuration': {'verdict': 'never', 'line': '- SNMP service configuration'},
        'TDM/PSTN card installation/configuration': {'verdict': 'never', 'line': '- TDM/PSTN card installation/configuration'},
        'VPN configuration': {'verdict': 'never', 'line': '- VPN configuration'},
        'Partitions and storage devices management': {'verdict': 'never', 'line': '- Partitions and storage devices management'},
        'Work that needs physical access to the server': {'verdict': 'never', 'line': '- Too risky not knowing whole network configuration - one small mistake makes server unreachable. This task should be done by local technician with physical access to the server.'},
        'Dealing with 3rd party providers': {'verdict': 'never', 'line': '- Dealing with 3rd party providers.'},
    },
}
